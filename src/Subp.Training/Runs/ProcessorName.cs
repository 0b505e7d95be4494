using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using System.Text;

namespace Subp.Training.Runs;

/// <summary>
/// What a processor is called: its brand, and the generation of its cores where the brand does not tell it. Rented machines of several
/// generations are all called "AMD EPYC", and figures of one say little about another.
/// </summary>
public static class ProcessorName
{
    private const string CpuInfo = "/proc/cpuinfo";
    private const int BrandLeaves = 3;
    private const uint FirstBrandLeaf = 0x80000002;

    /// <summary>The generation of the cores of this machine, or null where it is not known here.</summary>
    public static string? CurrentGeneration { get; } = X86Base.IsSupported ? FindGeneration() : null;

    /// <summary>The name of this machine's processor, or of its system where there is no x86 processor to ask.</summary>
    public static string Current { get; } = FindCurrent();

    /// <summary>The generation of the cores, or null where it is not known here.</summary>
    /// <param name="vendor">The vendor as the processor spells it: AuthenticAMD or GenuineIntel.</param>
    /// <param name="family">The family, with the extended family added.</param>
    /// <param name="model">The model, with the extended model in its upper half.</param>
    /// <param name="stepping">The stepping.</param>
    public static string? Generation(string vendor, int family, int model, int stepping) =>
        (vendor, family) switch
        {
            ("AuthenticAMD", 0x17) => model < 0x30 ? "Zen" : "Zen 2",
            ("AuthenticAMD", 0x19) => model is (>= 0x10 and < 0x20) or (>= 0x60 and < 0x80) or (>= 0xA0 and < 0xB0) ? "Zen 4" : "Zen 3",
            ("AuthenticAMD", 0x1A) => model is < 0x30 or (>= 0x40 and < 0x50) or (>= 0x60 and < 0x80) ? "Zen 5" : null,
            ("GenuineIntel", 6) => model switch
            {
                0x3C or 0x3F or 0x45 or 0x46 => "Haswell",
                0x3D or 0x47 or 0x4F or 0x56 => "Broadwell",
                0x4E or 0x5E => "Skylake",
                0x55 => stepping switch
                {
                    < 5 => "Skylake",
                    < 10 => "Cascade Lake",
                    _ => "Cooper Lake",
                },
                0x6A or 0x6C or 0x7D or 0x7E => "Ice Lake",
                0x8C or 0x8D => "Tiger Lake",
                0x8F => "Sapphire Rapids",
                0x97 or 0x9A => "Alder Lake",
                0xAD or 0xAE => "Granite Rapids",
                0xB7 or 0xBA => "Raptor Lake",
                0xCF => "Emerald Rapids",
                _ => null,
            },
            _ => null,
        };

    private static string FindCurrent()
    {
        if (!X86Base.IsSupported)
            return RuntimeInformation.OSDescription;
        var name = SystemName() ?? Brand();
        return CurrentGeneration is { } generation ? $"{name} ({generation})" : name;
    }

    private static string? FindGeneration()
    {
        var (_, b, c, d) = X86Base.CpuId(0, 0);
        var (signature, _, _, _) = X86Base.CpuId(1, 0);
        var family = (signature >> 8) & 15;
        var model = (signature >> 4) & 15;
        if (family is 6 or 15)
            model += ((signature >> 16) & 15) << 4;
        if (family == 15)
            family += (signature >> 20) & 255;
        return Generation(Text(b, d, c), family, model, signature & 15);
    }

    // Where Linux says a name it is what other tools print as well; virtual machines may hide the brand behind one of their own.
    private static string? SystemName() =>
        File.Exists(CpuInfo)
            ? File.ReadLines(CpuInfo)
                .FirstOrDefault(text => text.StartsWith("model name", StringComparison.Ordinal))
                ?.Split(':', 2)[^1]
                .Trim()
            : null;

    private static string Brand()
    {
        if ((uint)X86Base.CpuId(unchecked((int)0x80000000), 0).Eax < FirstBrandLeaf + BrandLeaves - 1)
            return "x86";
        var brand = new StringBuilder();
        for (var leaf = 0u; leaf < BrandLeaves; leaf++)
        {
            var (a, b, c, d) = X86Base.CpuId(unchecked((int)(FirstBrandLeaf + leaf)), 0);
            brand.Append(Text(a, b, c, d));
        }

        return string.Join(' ', brand.ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries));
    }

    // Registers hold four letters each, the first in the lowest byte; what follows a zero is no text.
    private static string Text(params ReadOnlySpan<int> registers)
    {
        var text = new StringBuilder();
        foreach (var register in registers)
        {
            for (var shift = 0; shift < 32; shift += 8)
            {
                var letter = (char)((register >> shift) & 255);
                if (letter != '\0')
                    text.Append(letter);
            }
        }

        return text.ToString();
    }
}
