using Subp.Core.Diagnostics;
using Subp.Core.Operators;

namespace Subp.Core.Graphs;

/// <summary>Checks every rule a graph must keep; run after parsing, importing and each pass.</summary>
public static class GraphVerifier
{
    /// <summary>Checks a whole graph.</summary>
    /// <exception cref="SubpException">The first rule that is broken.</exception>
    public static void Verify(Graph graph)
    {
        var parameters = new HashSet<string>(StringComparer.Ordinal);
        foreach (var parameter in graph.Parameters)
        {
            if (!parameters.Add(parameter.Name))
                throw new SubpException(
                    DiagnosticDescriptors.DuplicateName,
                    $"parameter '{parameter.Name}'",
                    "a second declaration",
                    "one declaration"
                );
            parameter.Pattern?.RequireFits(parameter.Name, parameter.Shape);
            StoredBits.RequireFits(parameter);
        }

        var values = new Dictionary<string, TensorShape>(StringComparer.Ordinal);
        var types = new Dictionary<string, TensorType>(StringComparer.Ordinal);
        foreach (var input in graph.Inputs)
        {
            Define(values, input.Name, input.Shape);
            types[input.Name] = input.Type;
        }

        foreach (var node in graph.Nodes)
        {
            var inferred = InferShape(
                node.Name,
                node.Operator,
                node.Inputs,
                value => values.TryGetValue(value, out var shape) ? shape : null,
                graph.FindParameter
            );
            if (!inferred.Equals(node.Shape))
                throw new SubpException(
                    DiagnosticDescriptors.ShapeMismatch,
                    $"node '{node.Name}'",
                    $"the declared shape {node.Shape}",
                    $"{inferred}"
                );
            InferType(
                node.Name,
                node.Operator,
                [.. node.Inputs.Select(input => types[input])],
                [.. node.Inputs.Select(input => values[input])],
                node.Type,
                graph.FindParameter
            );
            Define(values, node.Name, node.Shape);
            types[node.Name] = node.Type;
        }

        if (graph.Inputs.Count == 0 || graph.Outputs.Count == 0)
            throw new SubpException(
                DiagnosticDescriptors.UndefinedName,
                $"graph '{graph.Name}'",
                FormattableString.Invariant($"{graph.Inputs.Count} inputs and {graph.Outputs.Count} outputs"),
                "at least one of each"
            );
        var outputs = new HashSet<string>(StringComparer.Ordinal);
        foreach (var output in graph.Outputs)
        {
            if (!outputs.Add(output))
                throw new SubpException(
                    DiagnosticDescriptors.DuplicateName,
                    $"output '{output}'",
                    "a second declaration",
                    "one declaration"
                );
            if (!values.ContainsKey(output))
                throw new SubpException(
                    DiagnosticDescriptors.UndefinedName,
                    "output",
                    $"the value '{output}'",
                    "a value that a node produces"
                );
        }
    }

    /// <summary>Requires every value and parameter to be single-precision numbers, for what computes on nothing else.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="purpose">What cannot take it, for the message, for example <c>training</c>.</param>
    /// <exception cref="SubpException">SUBP0231: a value or a parameter holds bytes or integers.</exception>
    public static void RequireFloat(Graph graph, string purpose)
    {
        foreach (var input in graph.Inputs)
            RequireFloat($"input '{input.Name}'", input.Type.ToString(), input.Type.Element, purpose);
        foreach (var node in graph.Nodes)
            RequireFloat($"node '{node.Name}' ({node.Operator.Mnemonic})", node.Type.ToString(), node.Type.Element, purpose);
        foreach (var parameter in graph.Parameters)
            RequireFloat($"parameter '{parameter.Name}'", ElementTypes.Word(parameter.Element), parameter.Element, purpose);
    }

    private static void RequireFloat(string place, string type, ElementType element, string purpose)
    {
        if (element != ElementType.Float32)
            throw new SubpException(
                DiagnosticDescriptors.TypeMismatch,
                place,
                $"the type {type}",
                $"f32, which is all that {purpose} takes",
                "Give the network before it was quantised."
            );
    }

    /// <summary>
    /// Requires every input and result to be an image or a vector, for what has memory layouts for these two only and would compute a value
    /// of another rank wrongly. Parameters may have any shape that their operator asks for.
    /// </summary>
    /// <exception cref="SubpException">A value has another rank than 4 and 2.</exception>
    public static void RequireImagesAndVectors(Graph graph)
    {
        foreach (var input in graph.Inputs)
            RequireImageOrVector($"input '{input.Name}'", input.Shape);
        foreach (var node in graph.Nodes)
            RequireImageOrVector($"node '{node.Name}' ({node.Operator.Mnemonic})", node.Shape);
    }

    private static void RequireImageOrVector(string place, TensorShape shape)
    {
        if (!shape.IsImage && !shape.IsVector)
            throw new SubpException(
                DiagnosticDescriptors.UnsupportedRank,
                place,
                shape.Rank == 1
                    ? $"a value of shape {shape}, one dimension"
                    : FormattableString.Invariant($"a value of shape {shape}, {shape.Rank} dimensions"),
                "an image [batch,channels,height,width] or a vector [batch,features]",
                "Give the network this value with 4 or 2 dimensions: a batch of 1 in front, or dimensions of 1 or joined dimensions behind."
            );
    }

    /// <summary>Checks the inputs of one node and infers the shape of its result.</summary>
    /// <exception cref="SubpException">A value is undefined, or the inputs do not fit the operator.</exception>
    public static TensorShape InferShape(
        string node,
        Operator @operator,
        IReadOnlyList<string> inputs,
        Func<string, TensorShape?> findShape,
        Func<string, Parameter?> findParameter
    )
    {
        var (minimum, maximum) = @operator.InputCount;
        if (inputs.Count < minimum || inputs.Count > maximum)
            throw new SubpException(
                DiagnosticDescriptors.InputCount,
                $"node '{node}'",
                FormattableString.Invariant($"{inputs.Count} inputs of {@operator.Mnemonic}"),
                minimum == maximum ? FormattableString.Invariant($"{minimum}")
                    : maximum == int.MaxValue ? FormattableString.Invariant($"at least {minimum}")
                    : FormattableString.Invariant($"{minimum} to {maximum}")
            );
        var shapes = new TensorShape[inputs.Count];
        for (var index = 0; index < inputs.Count; index++)
        {
            shapes[index] =
                findShape(inputs[index])
                ?? throw new SubpException(
                    DiagnosticDescriptors.UndefinedName,
                    $"node '{node}'",
                    $"the input '{inputs[index]}'",
                    "a value defined earlier"
                );
        }

        foreach (var use in @operator.Parameters)
        {
            if (findParameter(use.Name) is null)
                throw new SubpException(
                    DiagnosticDescriptors.UndefinedName,
                    $"node '{node}'",
                    $"the {use.Role} '{use.Name}'",
                    "a declared parameter"
                );
        }

        return @operator.InferShape(new ShapeContext(node, shapes, findParameter));
    }

    /// <summary>Checks the types of the inputs and parameters of one node and infers the type of its result.</summary>
    /// <param name="node">The name of the node.</param>
    /// <param name="operator">What it computes.</param>
    /// <param name="inputs">The types of its inputs.</param>
    /// <param name="shapes">Their shapes.</param>
    /// <param name="declared">The type that it declares, or null.</param>
    /// <param name="findParameter">The declarations of parameters; shape inference has found those that the node reads.</param>
    /// <exception cref="SubpException">SUBP0231: the types do not fit. SUBP0232: sums of an integer layer could overflow.</exception>
    public static TensorType InferType(
        string node,
        Operator @operator,
        IReadOnlyList<TensorType> inputs,
        IReadOnlyList<TensorShape> shapes,
        TensorType? declared,
        Func<string, Parameter?> findParameter
    )
    {
        var context = new TypeContext(node, @operator.Mnemonic, inputs, shapes, declared, findParameter);
        var type = @operator.InferType(context);
        return declared is null || declared == type ? type : throw context.Error($"the declared type {declared}", $"{type}");
    }

    private static void Define(Dictionary<string, TensorShape> values, string name, TensorShape shape)
    {
        if (values.ContainsKey(name))
            throw new SubpException(DiagnosticDescriptors.DuplicateName, $"value '{name}'", "a second definition", "one definition");
        values[name] = shape;
    }
}
