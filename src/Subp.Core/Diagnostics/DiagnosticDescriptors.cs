namespace Subp.Core.Diagnostics;

/// <summary>
/// The one table of everything this product can complain about.
/// Bands: 01xx .subp text, 02xx graph, 03xx weights, 04xx ONNX, 05xx data and training, 06xx compiling, 07xx verification, 08xx files and
/// command line. Ids are never reused; a new one takes the next free number of its band, a page in docs/diagnostics and a test.
/// </summary>
public static class DiagnosticDescriptors
{
    /// <summary>The text does not follow the grammar of a .subp file.</summary>
    public static readonly DiagnosticDescriptor SubpSyntax = Error("SUBP0101", "The .subp text is not well formed");

    /// <summary>The first line names a version of the text form that this build does not know.</summary>
    public static readonly DiagnosticDescriptor SubpVersion = Error("SUBP0102", "The .subp version is not supported");

    /// <summary>An operator name is not in the registry.</summary>
    public static readonly DiagnosticDescriptor UnknownOperator = Error("SUBP0103", "The operator is not known");

    /// <summary>An attribute is unknown, missing, repeated or of the wrong type.</summary>
    public static readonly DiagnosticDescriptor InvalidAttribute = Error("SUBP0104", "The attribute is not valid");

    /// <summary>The structure hash written in the file is not the hash of the structure in the file.</summary>
    public static readonly DiagnosticDescriptor StructureHashMismatch = Error("SUBP0105", "The structure was changed without its hash");

    /// <summary>A name is used that nothing earlier defines.</summary>
    public static readonly DiagnosticDescriptor UndefinedName = Error("SUBP0201", "The name is not defined");

    /// <summary>A name is defined twice.</summary>
    public static readonly DiagnosticDescriptor DuplicateName = Error("SUBP0202", "The name is defined twice");

    /// <summary>The shapes of inputs and parameters do not fit the operator, or a declared shape is not the inferred one.</summary>
    public static readonly DiagnosticDescriptor ShapeMismatch = Error("SUBP0203", "The shapes do not fit");

    /// <summary>An operator has the wrong number of inputs.</summary>
    public static readonly DiagnosticDescriptor InputCount = Error("SUBP0204", "The number of inputs is wrong");

    /// <summary>A value of an operator attribute is outside its range.</summary>
    public static readonly DiagnosticDescriptor AttributeRange = Error("SUBP0205", "The attribute is out of range");

    /// <summary>The number of output channels is not a multiple of the block length N.</summary>
    public static readonly DiagnosticDescriptor BlockDivisibility = Error("SUBP0206", "The output channels are not divisible by the block length");

    /// <summary>A block pattern is inconsistent with itself or with its weight.</summary>
    public static readonly DiagnosticDescriptor InvalidPattern = Error("SUBP0207", "The block pattern is not valid");

    /// <summary>A tensor would have more elements than this product addresses.</summary>
    public static readonly DiagnosticDescriptor TooLarge = Error("SUBP0208", "The tensor is too large");

    /// <summary>The container of a .safetensors file is broken.</summary>
    public static readonly DiagnosticDescriptor SafetensorsFormat = Error("SUBP0301", "The .safetensors file is not well formed");

    /// <summary>A weight that the graph declares is not in the file, or the file holds one that the graph does not declare.</summary>
    public static readonly DiagnosticDescriptor WeightMissing = Error("SUBP0302", "The weights do not match the graph");

    /// <summary>A weight has another shape or element type than the graph declares.</summary>
    public static readonly DiagnosticDescriptor WeightShape = Error("SUBP0303", "The weight has the wrong shape or type");

    /// <summary>The weights belong to another structure, or are not the ones the .subp file names.</summary>
    public static readonly DiagnosticDescriptor WeightHashMismatch = Error("SUBP0304", "The weights file does not belong to this .subp file");

    /// <summary>A weight holds NaN or infinity.</summary>
    public static readonly DiagnosticDescriptor WeightNotFinite = Error("SUBP0305", "The weight holds a value that is not finite");

    /// <summary>A weight is not zero where its block pattern says that it is pruned.</summary>
    public static readonly DiagnosticDescriptor WeightBreaksPattern = Error("SUBP0306", "The weight is not zero outside its block pattern");

    /// <summary>Every descriptor, in the order of the ids.</summary>
    public static IReadOnlyList<DiagnosticDescriptor> All { get; } =
    [
        .. typeof(DiagnosticDescriptors).GetFields()
            .Where(field => field.FieldType == typeof(DiagnosticDescriptor))
            .Select(field => (DiagnosticDescriptor)field.GetValue(null)!)
            .OrderBy(descriptor => descriptor.Id, StringComparer.Ordinal),
    ];

    private static DiagnosticDescriptor Error(string id, string title) => new(id, title, DiagnosticSeverity.Error);
}
