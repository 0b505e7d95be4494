/*
 * Hides AVX-512 from libraries that have no switch for it, so that they can be timed as on a processor without: from the call of hide_avx512 on, the
 * instruction CPUID traps in this thread and in those that it starts (arch_prctl ARCH_SET_CPUID), and the handler answers without the bits of AVX-512.
 * Linux on x86-64, on processors that can let CPUID trap. eng/get-peers compiles it; the benchmark of other libraries loads it.
 */
#define _GNU_SOURCE
#include <cpuid.h>
#include <signal.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#define ARCH_SET_CPUID 0x1012

static struct sigaction previous;

static long let_cpuid_trap(int traps)
{
    return syscall(SYS_arch_prctl, ARCH_SET_CPUID, !traps);
}

static void answer(greg_t *registers)
{
    unsigned leaf = (unsigned)registers[REG_RAX], subleaf = (unsigned)registers[REG_RCX], a, b, c, d;
    let_cpuid_trap(0);
    __cpuid_count(leaf, subleaf, a, b, c, d);
    let_cpuid_trap(1);
    if (leaf == 7 && subleaf == 0) {
        /* F, DQ, IFMA, PF, ER, CD, BW, VL; VBMI, VBMI2, VNNI, BITALG, VPOPCNTDQ; 4VNNIW, 4FMAPS, VP2INTERSECT, AMX, FP16. */
        b &= ~(1u << 16 | 1u << 17 | 1u << 21 | 1u << 26 | 1u << 27 | 1u << 28 | 1u << 30 | 1u << 31);
        c &= ~(1u << 1 | 1u << 6 | 1u << 11 | 1u << 12 | 1u << 14);
        d &= ~(1u << 2 | 1u << 3 | 1u << 8 | 1u << 22 | 1u << 23 | 1u << 24 | 1u << 25);
    }
    if (leaf == 7 && subleaf == 1)
        a &= ~(1u << 5); /* BF16. */
    registers[REG_RAX] = a;
    registers[REG_RBX] = b;
    registers[REG_RCX] = c;
    registers[REG_RDX] = d;
    registers[REG_RIP] += 2;
}

static void handle(int signal, siginfo_t *information, void *context)
{
    greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;
    const unsigned char *instruction = (const unsigned char *)registers[REG_RIP];
    /* A fault of CPUID has no address of its own, unlike one of memory, so that the instruction can be read. */
    if (information->si_code == SI_KERNEL && instruction[0] == 0x0f && instruction[1] == 0xa2)
        answer(registers);
    else if (previous.sa_flags & SA_SIGINFO)
        previous.sa_sigaction(signal, information, context);
    else
        sigaction(signal, &previous, 0); /* The instruction faults again, and the default takes its course. */
}

/* Returns 0, or -1 where the system or the processor cannot do it. */
__attribute__((visibility("default"))) int hide_avx512(void)
{
    struct sigaction action = { .sa_sigaction = handle, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER };
    if (sigaction(SIGSEGV, &action, &previous) != 0)
        return -1;
    if (let_cpuid_trap(1) == 0)
        return 0;
    sigaction(SIGSEGV, &previous, 0);
    return -1;
}
