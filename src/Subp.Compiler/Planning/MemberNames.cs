namespace Subp.Compiler.Planning;

/// <summary>
/// The names of the members and nested types of an emitted class, and of the aliases that its files begin with, none of which the class
/// itself may bear.
/// </summary>
internal static class MemberNames
{
    private static readonly string[] s_members =
    [
        "AlignedMemory",
        "ArenaBytes",
        "Avx2",
        "Avx512",
        "BatchNormFactors",
        "BestInstructionSet",
        "ClassNames",
        "CompileAhead",
        "CompileOptions",
        "Constants",
        "CopyVector",
        "CreateSession",
        "DefaultThreads",
        "EightIntegers",
        "FromFile",
        "FromResource",
        "InputLength",
        "InputName",
        "InputNames",
        "InputShape",
        "InputShapes",
        "Instance",
        "InstructionSet",
        "IntegerAt",
        "IsSupported",
        "JoinHalves",
        "KernelCode",
        "LayerNames",
        "Load",
        "MixesWidths",
        "ModelName",
        "NormalizationDeviation",
        "NormalizationMean",
        "OutputLength",
        "OutputName",
        "OutputNames",
        "OutputShape",
        "OutputShapes",
        "PackBlocks",
        "PackBytes",
        "PackConvolution",
        "PackDepthwise",
        "PackIntegerDepthwise",
        "PackIntegerLayer",
        "PackTransposed",
        "PaddedLong",
        "PairFits",
        "Portable",
        "Prepare",
        "QuantizedByte",
        "RequireExact",
        "RequireLength",
        "RequireStructure",
        "ResourceName",
        "ScaleRow",
        "Session",
        "Sparsity",
        "StructureHash",
        "SupportedThreadCounts",
        "TeamMember",
        "ThreadTeam",
        "ToSign",
        "TransformBlocks",
        "TransformDense",
        "TransformDense4",
        "TransformKernels",
        "TransformKernels4",
        "TransformPhases",
        "UnpackBytes",
        "UnpackFloats",
        "Values",
        "Weights",
        "Widen",
        "WorkRange",
        "WorkTable",
    ];

    /// <summary>The members that have names of their own; a test holds them to those that are emitted.</summary>
    public static IReadOnlyList<string> Single => s_members;

    // A type beside an alias of the same name in its namespace is an error wherever the alias is used.
    private static readonly string[] s_aliases = ["IO", "Interop", "Runtime", "Simd", "System", "Threading", "X86"];

    /// <summary>The aliases; a test holds them to those that are emitted.</summary>
    public static IReadOnlyList<string> Aliases => s_aliases;

    // Members that are numbered: what follows decides whether two names are the same, so all are left to the emitted class.
    private static readonly string[] s_numbered = ["ClearHalo", "KernelMatrix", "Layer", "WorkOf"];

    /// <summary>Whether a class of this name would bear the name of one of its members or of an alias.</summary>
    public static bool Contains(string className) =>
        s_members.Contains(className, StringComparer.Ordinal)
        || s_aliases.Contains(className, StringComparer.Ordinal)
        || s_numbered.Any(stem => IsNumbered(className, stem));

    private static bool IsNumbered(string name, string stem) =>
        name.Length > stem.Length && name.StartsWith(stem, StringComparison.Ordinal) && name[stem.Length] is >= '0' and <= '9';
}
