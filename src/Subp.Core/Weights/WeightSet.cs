using Subp.Core.Diagnostics;
using Subp.Core.Graphs;

namespace Subp.Core.Weights;

/// <summary>The values of the parameters of a graph, by name, in the order in which they were added.</summary>
public sealed class WeightSet
{
    private readonly Dictionary<string, WeightTensor> _tensors = new(StringComparer.Ordinal);
    private readonly List<string> _names = [];

    /// <summary>The names, in the order of addition.</summary>
    public IReadOnlyList<string> Names => _names;

    /// <summary>The values of one parameter.</summary>
    /// <exception cref="KeyNotFoundException">There is no such parameter.</exception>
    public WeightTensor this[string name]
    {
        get => _tensors.TryGetValue(name, out var tensor) ? tensor : throw new KeyNotFoundException($"No weight '{name}'.");
        set
        {
            if (!_tensors.ContainsKey(name))
                _names.Add(name);
            _tensors[name] = value;
        }
    }

    /// <summary>The values of one parameter, or null.</summary>
    public WeightTensor? Find(string name) => _tensors.GetValueOrDefault(name);

    /// <summary>The values of a parameter, which must be there and have its dense shape.</summary>
    /// <exception cref="SubpException">SUBP0302: there are none. SUBP0303: they have another shape.</exception>
    public WeightTensor Require(Parameter parameter)
    {
        var tensor =
            Find(parameter.Name)
            ?? throw new SubpException(
                DiagnosticDescriptors.WeightMissing,
                "weights",
                $"no tensor '{parameter.Name}'",
                "a tensor for every parameter"
            );
        if (!tensor.Shape.Equals(parameter.Shape))
            throw new SubpException(
                DiagnosticDescriptors.WeightShape,
                $"tensor '{parameter.Name}'",
                $"the shape {tensor.Shape}",
                $"{parameter.Shape}"
            );
        if (tensor.Element != parameter.Element)
            throw new SubpException(
                DiagnosticDescriptors.WeightShape,
                $"tensor '{parameter.Name}'",
                $"elements of type {ElementTypes.Word(tensor.Element)}",
                ElementTypes.Word(parameter.Element)
            );
        return tensor;
    }
}
