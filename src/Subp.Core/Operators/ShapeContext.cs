using Subp.Core.Diagnostics;
using Subp.Core.Graphs;

namespace Subp.Core.Operators;

/// <summary>What shape inference of one node may look at, and how it complains.</summary>
public sealed class ShapeContext(string node, IReadOnlyList<TensorShape> inputs, Func<string, Parameter?> findParameter)
{
    /// <summary>The name of the node, for messages.</summary>
    public string Node { get; } = node;

    /// <summary>The shapes of the inputs.</summary>
    public IReadOnlyList<TensorShape> Inputs { get; } = inputs;

    /// <summary>The first input, which must be an image [batch, channels, height, width].</summary>
    public TensorShape Image()
    {
        if (!Inputs[0].IsImage)
            throw Error($"an input of shape {Inputs[0]}", "an image [batch,channels,height,width]");
        return Inputs[0];
    }

    /// <summary>The declaration of a parameter.</summary>
    /// <exception cref="SubpException">It is not declared.</exception>
    public Parameter Parameter(string name) =>
        findParameter(name)
        ?? throw new SubpException(
            DiagnosticDescriptors.UndefinedName,
            $"node '{Node}'",
            $"the parameter '{name}'",
            "a parameter declared before the node"
        );

    /// <summary>Requires a parameter to have a shape.</summary>
    public void RequireParameter(string name, TensorShape expected)
    {
        var found = Parameter(name).Shape;
        if (!found.Equals(expected))
            throw Error($"the parameter '{name}' of shape {found}", $"{expected}");
    }

    /// <summary>Requires an attribute to lie in a range.</summary>
    public void RequireRange(string attribute, int value, int minimum, int maximum = int.MaxValue)
    {
        if (value < minimum || value > maximum)
            throw new SubpException(
                DiagnosticDescriptors.AttributeRange,
                $"node '{Node}'",
                FormattableString.Invariant($"{attribute} = {value}"),
                maximum == int.MaxValue
                    ? FormattableString.Invariant($"at least {minimum}")
                    : FormattableString.Invariant($"{minimum} to {maximum}")
            );
    }

    /// <summary>Requires an axis of a shape, counted from 0.</summary>
    public void RequireAxis(string attribute, int axis, TensorShape shape)
    {
        if (shape.Rank == 0)
            throw Error($"an input of shape {shape}", "at least one dimension");
        RequireRange(attribute, axis, 0, shape.Rank - 1);
    }

    /// <summary>Requires that floats, as which the network computes indices, hold every index of an axis.</summary>
    internal void RequireIndexable(TensorShape shape, int axis)
    {
        const int Most = 1 << 24;
        if (shape[axis] > Most)
            throw Error(
                FormattableString.Invariant($"computed indices into an axis of {shape[axis]}"),
                FormattableString.Invariant($"an axis of at most {Most}, since indices are floats and larger ones are not exact")
            );
    }

    /// <summary>Requires ascending axes of a shape, each once, counted from 0.</summary>
    public void RequireAxes(string attribute, IReadOnlyList<int> axes, TensorShape shape)
    {
        for (var index = 0; index < axes.Count; index++)
        {
            RequireAxis(attribute, axes[index], shape);
            if (index > 0 && axes[index] <= axes[index - 1])
                throw Error($"{attribute} = [{string.Join(",", axes)}]", "ascending axes, each once");
        }
    }

    /// <summary>
    /// The common shape of values that are combined element by element: aligned at the last dimension, where a missing dimension or one
    /// of 1
    /// is repeated (the rules of NumPy and ONNX).
    /// </summary>
    public TensorShape Broadcast(params IReadOnlyList<TensorShape> shapes)
    {
        var rank = shapes.Max(shape => shape.Rank);
        var dimensions = new int[rank];
        for (var axis = 0; axis < rank; axis++)
        {
            dimensions[axis] = 1;
            foreach (var shape in shapes)
            {
                var extent = axis < rank - shape.Rank ? 1 : shape[axis - (rank - shape.Rank)];
                if (extent != 1 && dimensions[axis] != 1 && extent != dimensions[axis])
                    throw Error(
                        "the shapes " + string.Join(" and ", shapes),
                        "equal shapes, or dimensions of 1 where they differ, aligned at the last dimension"
                    );
                if (extent != 1)
                    dimensions[axis] = extent;
            }
        }

        return new TensorShape(dimensions);
    }

    /// <summary>The exception for shapes that do not fit.</summary>
    public SubpException Error(string found, string expected) =>
        new(DiagnosticDescriptors.ShapeMismatch, $"node '{Node}'", found, expected);

    /// <summary>The extent of a sliding window's output along one axis, with the extent rounded down.</summary>
    public int WindowOutput(string axis, int input, int kernel, int stride, int dilation, int padBefore, int padAfter)
    {
        var span = ((long)dilation * (kernel - 1)) + 1;
        var room = (long)input + padBefore + padAfter - span;
        if (room < 0)
            throw Error(
                FormattableString.Invariant($"a window of {span} along the {axis}"),
                FormattableString.Invariant($"at most the padded input of {(long)input + padBefore + padAfter}")
            );
        return (int)Math.Min((room / stride) + 1, int.MaxValue);
    }
}
