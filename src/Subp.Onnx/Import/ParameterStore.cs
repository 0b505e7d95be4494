using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Core.Weights;

namespace Subp.Onnx.Import;

/// <summary>
/// Turns constants into parameters of the graph. A constant that several nodes read in the same form becomes one parameter; the first form
/// keeps the name of the constant.
/// </summary>
internal sealed class ParameterStore(GraphBuilder builder, ExternalData external, long fileBytes)
{
    // A file may ask for one large constant in many forms, a few bytes of node each. Half precision doubles a file, a constant in two forms
    // doubles it again; beyond a multiple of what was read there is no honest model.
    private const int LargestMultiple = 8;

    // Numbers that are spread over the features of a vector are a few bytes in the file.
    private const int AlwaysAllowed = 1 << 22;

    private readonly Dictionary<(string Constant, string Form), string> _names = [];
    private readonly Dictionary<string, string> _origins = new(StringComparer.Ordinal);
    private readonly UniqueNames _unique = new();
    private long _bytes;
    private long _computed;

    /// <summary>The values of the parameters declared so far.</summary>
    public WeightSet Weights { get; } = new();

    /// <summary>Hears of a constant that the import computed: one parameter of it is allowed beyond the size of the file.</summary>
    public void AllowComputed(int elements) => _computed += (long)elements * sizeof(float);

    /// <summary>Declares a parameter, or finds the one that holds the same form of the same constant.</summary>
    /// <param name="tensor">The constant.</param>
    /// <param name="form">What was done to the values; the empty text for nothing. Equal forms have equal shapes and values.</param>
    /// <param name="shape">The shape of the parameter.</param>
    /// <param name="convert">Computes the values from those of the constant, which it may overwrite.</param>
    /// <returns>The name of the parameter.</returns>
    public string Declare(ConstantTensor tensor, string form, TensorShape shape, Func<float[], float[]> convert) =>
        DeclareOnce(tensor, form, shape, () => convert(tensor.ToFloats()));

    /// <summary>Declares a constant of any type as it is, for operators that read it as a value.</summary>
    public string DeclareValue(ConstantTensor tensor) => DeclareOnce(tensor, "", tensor.Shape, tensor.ToNumbers);

    private string DeclareOnce(ConstantTensor tensor, string form, TensorShape shape, Func<float[]> values)
    {
        var key = (tensor.Name, form);
        if (_names.TryGetValue(key, out var name))
            return name;
        Charge(tensor.Name, shape);
        name = builder.Parameter(_unique.Take(tensor.Name), shape);
        _names[key] = name;
        _origins[name] = tensor.Name;
        Weights[name] = new WeightTensor(shape, values());
        return name;
    }

    /// <summary>The constant of which a parameter was made, or null.</summary>
    public string? Origin(string parameter) => _origins.GetValueOrDefault(parameter);

    /// <summary>Declares a parameter that the import computed.</summary>
    /// <param name="wanted">The name, if nothing bears it yet.</param>
    /// <param name="shape">Its shape.</param>
    /// <param name="values">The values.</param>
    /// <returns>The name of the parameter.</returns>
    public string DeclareComputed(string wanted, TensorShape shape, float[] values)
    {
        Charge(wanted, shape);
        var name = builder.Parameter(_unique.Take(wanted), shape);
        Weights[name] = new WeightTensor(shape, values);
        return name;
    }

    private void Charge(string tensor, TensorShape shape)
    {
        _bytes += (long)shape.ElementCount * sizeof(float);
        var allowed = AlwaysAllowed + _computed + ((fileBytes + external.BytesRead) * LargestMultiple);
        if (_bytes > allowed)
            throw new SubpException(
                DiagnosticDescriptors.TooLarge,
                $"tensor '{tensor}'",
                FormattableString.Invariant($"{_bytes} bytes of weights from a file of {fileBytes} bytes"),
                FormattableString.Invariant($"at most {allowed}")
            );
    }
}
