using Subp.Core.Interpretation;
using Subp.Core.Operators;
using Subp.Onnx.Import;
using Xunit;
using static Subp.Onnx.Tests.OnnxFile;

namespace Subp.Onnx.Tests.Import;

/// <summary>Einsum against sums over all indices.</summary>
public sealed class EinsumTests
{
    [Theory]
    [InlineData("bhid,bhjd->bhij", "2,3,4,5", "2,3,6,5")]
    [InlineData("bhij,bhjd->bhid", "2,3,4,6", "2,3,6,5")]
    [InlineData("bnqd,bknd->bnqk", "2,3,4,5", "2,6,3,5")]
    [InlineData("bsd,de->bse", "2,3,4", "4,5")]
    [InlineData("bsd,ed->bse", "2,3,4", "5,4")]
    [InlineData("bsnh,nhd->bsd", "2,3,2,4", "2,4,5")]
    [InlineData("bchw,cd->bdhw", "2,3,4,5", "3,6")]
    [InlineData("i,j->ij", "3", "4")]
    [InlineData("ij,jk", "3,4", "4,5")]
    [InlineData("bn,bm->bnm", "2,3", "2,4")]
    [InlineData("ij,ij->", "3,4", "3,4")]
    [InlineData(" b i k , b j k -> b j i ", "2,3,4", "2,5,4")]
    public void It_is_the_sum_over_the_indices_that_the_result_has_not(string equation, string left, string right)
    {
        int[] a = Extents(left),
            b = Extents(right);
        var file = Create(a).Weight("w", b).Node("Einsum", "x w", "y", Text("equation", equation));
        var model = file.Import();
        var input = Enumerable.Range(0, Count(a)).Select(index => (float)Math.Cos(index * 0.7)).ToArray();
        var weights = Enumerable.Range(0, Count(b)).Select(index => (float)Math.Sin((index * 1.7) + 1)).ToArray();
        var expected = Sum(equation.Replace(" ", "", StringComparison.Ordinal), a, b, input, weights);
        var found = new float[expected.Length];
        new ReferenceInterpreter(model).Run(input, found);
        for (var index = 0; index < expected.Length; index++)
            Assert.Equal(expected[index], found[index], 1e-5);
    }

    [Theory]
    [InlineData("bsd,de->bse", "2,3,4", "4,5")]
    [InlineData("bsd,ed->bse", "2,3,4", "5,4")]
    public void A_constant_matrix_on_the_right_makes_a_layer(string equation, string left, string right)
    {
        var file = Create(Extents(left)).Weight("w", Extents(right)).Node("Einsum", "x w", "y", Text("equation", equation));
        Assert.IsType<Linear>(Assert.Single(file.Import().Graph.Nodes).Operator);
    }

    [Theory]
    [InlineData("ii,ij->ij")]
    [InlineData("...ij,jk->...ik")]
    [InlineData("ij->ji")]
    [InlineData("ij,jk->i")]
    [InlineData("ij,jk->il")]
    [InlineData("ij,jk->ik->ki")]
    [InlineData("ij,jk,kl->il")]
    [InlineData("")]
    public void Other_equations_are_not_products(string equation) => Assert.Null(EinsumEquation.Parse(equation));

    [Fact]
    public void What_it_cannot_do_is_refused()
    {
        var ellipsis = Create([2, 3]).Weight("w", 3, 4).Node("Einsum", "x w", "y", Text("equation", "...i,ij->...j"));
        Assert.Contains("equation = ...i,ij->...j", Refusal(ellipsis), StringComparison.Ordinal);
        var rank = Create([2, 3]).Weight("w", 3, 4).Node("Einsum", "x w", "y", Text("equation", "bij,jk->bik"));
        Assert.Contains("an index for each dimension", Refusal(rank), StringComparison.Ordinal);
        var extent = Create([2, 3]).Weight("w", 4, 4).Node("Einsum", "x w", "y", Text("equation", "ij,jk->ik"));
        Assert.Contains("the extents 3 and 4 of 'j'", Refusal(extent), StringComparison.Ordinal);
    }

    private static string Refusal(OnnxFile file) => Assert.Throws<Core.Diagnostics.SubpException>(() => file.Import()).Message;

    private static int[] Extents(string text) =>
        [.. text.Split(',').Select(extent => int.Parse(extent, System.Globalization.CultureInfo.InvariantCulture))];

    private static int Count(int[] extents) => extents.Aggregate(1, (product, extent) => product * extent);

    private static double[] Sum(string equation, int[] a, int[] b, float[] left, float[] right)
    {
        var sides = equation.Split("->");
        var operands = sides[0].Split(',');
        var all = string.Concat((operands[0] + operands[1]).Distinct());
        var result = sides.Length > 1 ? sides[1] : "ik";
        var extents = all.ToDictionary(
            index => index,
            index => operands[0].Contains(index) ? a[operands[0].IndexOf(index)] : b[operands[1].IndexOf(index)]
        );
        var sums = new double[result.Aggregate(1, (product, index) => product * extents[index])];
        for (var number = 0; number < all.Aggregate(1, (product, index) => product * extents[index]); number++)
        {
            var (place, rest) = (new Dictionary<char, int>(), number);
            foreach (var index in all)
                (place[index], rest) = (rest % extents[index], rest / extents[index]);
            int At(string indices) => indices.Aggregate(0, (sum, index) => (sum * extents[index]) + place[index]);
            sums[At(result)] += (double)left[At(operands[0])] * right[At(operands[1])];
        }

        return sums;
    }
}
