using Subp.Compiler;
using Subp.Compiler.Emission;
using Subp.Roslyn.Tests.Emulation.Instructions;
using Native = System.Runtime.Intrinsics.X86;

namespace Subp.Roslyn.Tests.Emulation;

/// <summary>
/// Lets kernels run on processors that lack their instructions: emitted C# that names a class of intrinsics this processor does not have is
/// pointed at a class of the same name in <see cref="Instructions"/>, whose source is compiled into the model. Where the processor has the
/// instructions, nothing is changed and the kernels run as they are.
/// </summary>
internal static class InstructionEmulation
{
    /// <summary>The class that says who made the processor; to emulate it is to run on one of the other vendor.</summary>
    public const string OtherVendor = "X86Base";

    private const string EmulationNamespace = "Subp.Roslyn.Tests.Emulation.Instructions";

    /// <summary>The classes of intrinsics that emitted code may name, each with whether this processor has it.</summary>
    private static readonly (string Name, bool IsNative)[] s_classes =
    [
        ("Avx512Vbmi", Native.Avx512Vbmi.IsSupported),
        ("Avx512BW", Native.Avx512BW.IsSupported),
        ("Avx512F", Native.Avx512F.IsSupported),
        ("Avx2", Native.Avx2.IsSupported),
        ("Avx", Native.Avx.IsSupported),
        ("Fma", Native.Fma.IsSupported),
        ("Sse2", Native.Sse2.IsSupported),
        ("Sse", Native.Sse.IsSupported),
    ];

    /// <summary>The classes that this processor lacks. Kernels never need AVX-VNNI and run on any vendor's, so that
    /// these are no part of it.</summary>
    public static IEnumerable<string> Missing => s_classes.Where(candidate => !candidate.IsNative).Select(candidate => candidate.Name);

    /// <summary>All classes of which emitted code may call an instruction.</summary>
    public static IEnumerable<string> Classes => s_classes.Select(candidate => candidate.Name).Append("AvxVnni").Append(OtherVendor);

    /// <summary>From here on, models of this process that were prepared say that they support what is emulated.</summary>
    public static void SwitchOn() => AppContext.SetSwitch(Switch.Name, true);

    /// <summary>The emitted files with what this processor lacks replaced; the very same files where it lacks nothing.</summary>
    public static IReadOnlyList<EmittedFile> Prepare(IReadOnlyList<EmittedFile> files) => Prepare(files, Missing);

    /// <summary>The emitted files with some classes of intrinsics replaced by the emulation.</summary>
    public static IReadOnlyList<EmittedFile> Prepare(IReadOnlyList<EmittedFile> files, IEnumerable<string> classes)
    {
        var replaced = classes.ToHashSet();
        if (replaced.Count == 0)
            return files;
        var rewriter = new IntrinsicsRewriter(EmulationNamespace, replaced);
        var rewritten = files.Select(file => new EmittedFile(file.Name, rewriter.Rewrite(file.Text))).ToArray();
        return [.. rewritten, .. EmulationSources.NamedBy(rewritten.Select(file => file.Text), EmulationNamespace)];
    }

    /// <summary>Whether an instruction set runs here with instructions that this processor lacks.</summary>
    public static bool IsEmulated(InstructionSet set) => LackedBy(set).Length > 0;

    /// <summary>How an instruction set is run here, for what tests print.</summary>
    public static string Describe(InstructionSet set) =>
        LackedBy(set) is { Length: > 0 } missing ? $"{set} with {string.Join(", ", missing)} emulated" : $"{set}";

    private static string[] LackedBy(InstructionSet set)
    {
        string[] needed = set switch
        {
            InstructionSet.Avx512 => ["Avx512BW", "Avx512F", "Avx2", "Avx", "Fma", "Sse2", "Sse"],
            InstructionSet.Avx2 => ["Avx2", "Avx", "Fma", "Sse2", "Sse"],
            _ => [],
        };
        return [.. Missing.Where(needed.Contains)];
    }
}
