using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Roslyn.Tests.Kernels;

namespace Subp.Roslyn.Tests.Families;

/// <summary>The parts that small networks over dense values are put together from.</summary>
internal static class DenseNetworks
{
    /// <summary>A network of one input x.</summary>
    public static KernelCase Case(string name, int[] shape, Func<GraphBuilder, string, string> layers) =>
        KernelCase.Of(name, new TensorShape(shape), layers);

    /// <summary>The node under test.</summary>
    public static string Node(GraphBuilder builder, Operator @operator, params string[] inputs) => builder.Node("y", @operator, inputs);

    /// <summary>A random parameter as a value.</summary>
    public static string Constant(GraphBuilder builder, int[] shape)
    {
        var name = FormattableString.Invariant($"c{string.Join("x", shape)}");
        return builder.Node(name, new Constant { Value = builder.Parameter($"{name}.value", new TensorShape(shape)) });
    }
}
