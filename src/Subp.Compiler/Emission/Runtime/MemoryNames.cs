using Subp.Compiler.Emission.Kernels;
using Subp.Compiler.Planning;
using Subp.Compiler.Planning.Values;
using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Emission.Runtime;

/// <summary>
/// The names of places in memory in emitted code: of values in the arena, of what is computed from weights, and of the weights in their
/// file. A name is that of the value or parameter in Pascal case, with a number where that is taken.
/// </summary>
internal sealed class MemoryNames
{
    /// <summary>The class of the places of values in the arena.</summary>
    public const string ValuesClass = "Values";

    /// <summary>The class of the places among the constants.</summary>
    public const string ConstantsClass = "Constants";

    /// <summary>The class of the places in the weights file.</summary>
    public const string WeightsClass = "Weights";

    // A name must not hide what every class has, nor be that of the class around it.
    private static readonly string[] s_reserved =
    [
        "Equals",
        "Finalize",
        "GetHashCode",
        "GetType",
        "MemberwiseClone",
        "ReferenceEquals",
        "ToString",
        ValuesClass,
        ConstantsClass,
        WeightsClass,
    ];

    private readonly ModelPlan _plan;
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);
    private readonly Dictionary<int, string> _constants = [];
    private readonly Dictionary<string, string> _weights = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _scales = new(StringComparer.Ordinal);
    private readonly List<(long Offset, string Parameter)> _parameters = [];

    private MemoryNames(ModelPlan plan, WeightPlaces weights)
    {
        _plan = plan;
        var taken = new HashSet<string>(s_reserved, StringComparer.Ordinal);
        foreach (var buffer in plan.Buffers)
            _values[buffer.Value] = Unique(taken, buffer.Value, "Value");
        taken = new HashSet<string>(s_reserved, StringComparer.Ordinal);
        foreach (var parameter in plan.Source.Parameters)
        {
            _weights[parameter.Name] = Unique(taken, parameter.Name, "Parameter");
            _parameters.Add((weights.Offset(parameter.Name), parameter.Name));
        }

        foreach (var parameter in plan.Source.Parameters.Where(WeightPlaces.HasScales))
            _scales[parameter.Name] = Unique(taken, parameter.Name + ".scales", "Parameter");

        taken = new HashSet<string>(s_reserved, StringComparer.Ordinal);
        foreach (var constant in plan.Constants)
            _constants[constant.Offset] = Unique(taken, NameOf(constant), "Constant");
    }

    /// <summary>The names of a plan.</summary>
    public static MemoryNames Of(ModelPlan plan) => new(plan, WeightPlaces.Of(plan.Source));

    /// <summary>The name of a value in the arena.</summary>
    public string Value(BufferPlan buffer) => _values[buffer.Value];

    /// <summary>The name of a constant.</summary>
    public string Constant(PreparedConstant constant) => _constants[constant.Offset];

    /// <summary>The name of a parameter in the weights file.</summary>
    public string Weight(string parameter) => _weights[parameter];

    /// <summary>The name of the scales of a parameter of few bits in the weights file.</summary>
    public string Scales(string parameter) => _scales[parameter];

    /// <summary>The pointer to a parameter in the weights file.</summary>
    public string WeightPointer(string parameter) => $"(float*)(weights + {WeightsClass}.{Weight(parameter)})";

    /// <summary>The pointer to a constant.</summary>
    public string ConstantPointer(PreparedConstant constant) => $"constants + {ConstantsClass}.{Constant(constant)}";

    /// <summary>The pointer that a kernel gets for one of its operands.</summary>
    public string Pointer(FamilyPlan layer, int operand)
    {
        var place = layer.Operands[operand];
        return place.Memory switch
        {
            OperandMemory.Arena => ArenaPointer(layer, operand),
            OperandMemory.Constants => ConstantPointer(place.Number),
            OperandMemory.Weights => WeightPointer(_parameters.First(parameter => parameter.Offset == place.Number).Parameter),
            OperandMemory.Scratch => KernelText.Offset("scratch", place.Number),
            OperandMemory.Input => InterfaceText.Input(_plan, place.Number),
            _ => InterfaceText.Output(_plan, place.Number),
        };
    }

    /// <summary>The value in the arena that an operand of a kernel is; null where it lies elsewhere.</summary>
    public static BufferPlan? BufferOf(FamilyPlan layer, int operand)
    {
        var place = layer.Operands[operand];
        if (place.Memory != OperandMemory.Arena)
            return null;
        // Where a result lies over an operand, both contain the place: the order of the operands tells which is meant.
        var isInput = operand < layer.Inputs.Count;
        BufferPlan?[] values = isInput ? [layer.Inputs[operand], .. layer.Inputs, layer.Output] : [layer.Output, .. layer.Inputs];
        return values.FirstOrDefault(value =>
            value is not null && value.Offset <= place.Number && place.Number < value.Offset + value.Length
        );
    }

    private string ArenaPointer(FamilyPlan layer, int operand)
    {
        var place = layer.Operands[operand];
        return BufferOf(layer, operand) is { } buffer
            ? KernelText.Offset($"arena + {ValuesClass}.{Value(buffer)}", place.Number - buffer.Offset)
            : KernelText.Offset("arena", place.Number);
    }

    private string ConstantPointer(int offset)
    {
        var constant = _plan.Constants.First(constant => constant.Offset <= offset && offset < constant.Offset + constant.Length);
        return KernelText.Offset(ConstantPointer(constant), offset - constant.Offset);
    }

    /// <summary>The parameter that a constant is computed from, or the layer that reads it and what it is.</summary>
    private string NameOf(PreparedConstant constant)
    {
        if ((constant as FamilyConstant)?.NamedAfter is { } parameter)
            return parameter;
        if (constant is UnpackedWeight unpacked)
            return unpacked.Weight.Name;
        var reader = _plan
            .Layers.OfType<FamilyPlan>()
            .FirstOrDefault(layer =>
                layer.Operands.Any(place => place.Memory == OperandMemory.Constants && place.Number == constant.Offset)
            );
        return (reader is null ? "" : reader.Node.Name + ".") + (constant is PaddedVector ? "zeros" : "constant");
    }

    private static string Unique(HashSet<string> taken, string name, string otherwise)
    {
        var stem = Naming.Pascal(name);
        if (stem.Length == 0 || char.IsDigit(stem[0]))
            stem = otherwise + stem;
        var unique = stem;
        for (var number = 2; !taken.Add(unique); number++)
            unique = Invariant($"{stem}_{number}");
        return unique;
    }
}
