namespace Subp.Onnx.Import;

/// <summary>An equation of Einsum with two operands, its indices sorted by where they stand.</summary>
/// <param name="Left">The indices of the first operand.</param>
/// <param name="Right">The indices of the second operand.</param>
/// <param name="Output">The indices of the result.</param>
internal sealed record EinsumEquation(string Left, string Right, string Output)
{
    /// <summary>The indices that both operands and the result have.</summary>
    public string Batch => Among(Left, index => Right.Contains(index) && Output.Contains(index));

    /// <summary>The indices that both operands have and the result has not: sums go over these.</summary>
    public string Summed => Among(Left, index => Right.Contains(index) && !Output.Contains(index));

    /// <summary>The indices of the result that only the first operand has.</summary>
    public string OnlyLeft => Among(Left, index => !Right.Contains(index));

    /// <summary>The indices of the result that only the second operand has.</summary>
    public string OnlyRight => Among(Right, index => !Left.Contains(index));

    /// <summary>Whether it is a product of the last axis with a matrix, as a fully connected layer computes it.</summary>
    public bool IsLayer =>
        Batch.Length == 0 && Summed.Length == 1 && Right.Length == 2 && Left == OnlyLeft + Summed && Output == OnlyLeft + OnlyRight;

    /// <summary>Whether such a layer sums over the last axis of its matrix.</summary>
    public bool IsTransposedLayer => Right == OnlyRight + Summed;

    /// <summary>Reads an equation; null where it is another kind.</summary>
    /// <param name="text">The text. Without an arrow the result has the indices that stand once, in the order of the alphabet.</param>
    public static EinsumEquation? Parse(string text)
    {
        text = text.Replace(" ", "", StringComparison.Ordinal);
        var sides = text.Split("->");
        var operands = sides[0].Split(',');
        if (sides.Length > 2 || operands.Length != 2)
            return null;
        var (left, right) = (operands[0], operands[1]);
        var output =
            sides.Length == 2 ? sides[1] : string.Concat((left + right).Where(index => (left + right).Count(index.Equals) == 1).Order());
        string[] all = [left, right, output];
        var isPlain = all.All(part => part.All(char.IsAsciiLetter) && part.Distinct().Count() == part.Length);
        var isKnown = output.All(index => left.Contains(index) || right.Contains(index));
        // An index that one operand alone has, and the result has not, would be summed over before.
        var isProduct = (left + right).All(index => output.Contains(index) || (left.Contains(index) && right.Contains(index)));
        return isPlain && isKnown && isProduct ? new EinsumEquation(left, right, output) : null;
    }

    private static string Among(string indices, Func<char, bool> isOne) => string.Concat(indices.Where(isOne));
}
