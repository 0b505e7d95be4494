using Subp.Core.Diagnostics;

namespace Subp.Onnx.Import.Folding;

/// <summary>The constant inputs of one node that is computed at import, and the checks that its result must pass.</summary>
internal sealed class FoldContext(NodeContext node)
{
    // Enough for a constant plane of every channel of a real layer; a few bytes of file must not ask for gigabytes.
    private const int AlwaysAllowed = 1 << 22;

    /// <summary>The node.</summary>
    public NodeContext Node { get; } = node;

    /// <summary>An input.</summary>
    public FoldedTensor Input(int index, string role) => FoldedTensor.Read(Node.Constant(index, role));

    /// <summary>An optional list of integers, or null.</summary>
    public long[]? Integers(int index, string role) => Node.OptionalConstant(index, role)?.ToIntegers();

    /// <summary>Checks the dimensions of a result before it is allocated and gives its element count.</summary>
    /// <exception cref="SubpException">It would have more elements than all inputs and an allowance of 4,194,304 together.</exception>
    public int Count(IReadOnlyList<long> dimensions)
    {
        long allowed = AlwaysAllowed;
        for (var index = 0; index < Node.InputCount; index++)
        {
            if (Node.HasInput(index) && Node.Input(index, "input") is ConstantValue constant)
                allowed += constant.Tensor.Count;
        }

        var count = 1L;
        foreach (var dimension in dimensions)
        {
            if (dimension < 0 || dimension > allowed || (count *= dimension) > allowed)
                throw new SubpException(
                    DiagnosticDescriptors.TooLarge,
                    Node.Label,
                    $"a constant of shape [{string.Join(",", dimensions)}]",
                    FormattableString.Invariant($"dimensions of at least 0 and at most {allowed} computed elements")
                );
        }

        return (int)count;
    }

    /// <summary>Division of integers towards zero, as ONNX has it.</summary>
    /// <exception cref="SubpException">The divisor is zero.</exception>
    public long Divide(long dividend, long divisor) =>
        divisor == 0 ? throw Node.Unsupported("an integer division by zero", "a divisor other than zero") : checked(dividend / divisor);
}
