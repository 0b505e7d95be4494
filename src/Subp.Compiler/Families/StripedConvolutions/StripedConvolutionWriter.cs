using Subp.Compiler.Emission;
using Subp.Compiler.Emission.Kernels;
using Subp.Compiler.Planning;
using Subp.Compiler.Planning.Values;
using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Families.StripedConvolutions;

/// <summary>Writes the kernels of a striped convolution: the loops over groups and spans of stripes, and the methods of its tiles.</summary>
internal sealed class StripedConvolutionWriter(StripedConvolutionPlan plan, InstructionSet set)
{
    private readonly BufferPlan _input = plan.Inputs[0]!;
    private readonly BufferPlan _output = plan.Output!;
    private readonly StripeSpans _spans = plan.Spans;

    private bool HasResidual => plan.Inputs.Count > 1;

    private StripedTile Longest => StripedTile.Of(set, plan.Pattern.BlockLength, _spans.Longest);

    private int Parts => plan.Pattern.BlockLength / Longest.Channels;

    // Where registers hold a whole span, those of both lengths have a method.
    private bool TakesSpans => Longest.Stripes == _spans.Longest;

    private bool HasTwoLengths => TakesSpans && _spans.Longer > 0 && _spans.Stripes > 0;

    /// <summary>Writes all methods.</summary>
    public void Write(CSharpWriter writer)
    {
        WriteLayer(writer);
        Method(Longest).Write(writer);
        if (HasTwoLengths)
            Method(Longest with { Stripes = _spans.Stripes }).Write(writer);
    }

    private StripedTileMethod Method(StripedTile tile) => new(plan, tile, set);

    private void WriteLayer(CSharpWriter writer)
    {
        var residual = HasResidual ? "float* residual, " : "";
        using (
            KernelText.Method(
                writer,
                $"{plan.Node.Name}: {plan.KernelName(set)}. {Describe()}",
                $"internal static void {plan.MethodStem}(float* input, {residual}float* weights, float* bias, float* output, "
                    + $"{KernelText.RangeParameters})"
            )
        )
        {
            if (plan.GroupsOutside)
            {
                writer.Line(
                    "// Groups outside: their weights outweigh the input, so each group's weights are fetched once and used for all stripes."
                );
                WriteGroups(writer, () => WriteSpans(writer, () => WriteTiles(writer)));
            }
            else
            {
                writer.Line(
                    "// Stripes outside: what a span reads is in the nearest cache for all groups but the first, their weights in the next."
                );
                WriteSpans(writer, () => WriteGroups(writer, () => WriteTiles(writer)));
            }
        }

        writer.Line();
    }

    private void WriteSpans(CSharpWriter writer, Action body)
    {
        using (writer.Block("for (int tile = range.TileFrom; tile < range.TileTo; tile++)"))
        {
            var span = "tile";
            if (_output.Shape.Batch > 1)
            {
                writer.Line($"int image = tile / {_spans.Count};");
                writer.Line($"int span = tile - image * {_spans.Count};");
                span = "span";
            }

            if (_spans.Longer == 0)
            {
                writer.Line($"int stripe = {KernelText.Scaled(span, _spans.Stripes)};");
            }
            else
            {
                writer.Line($"// {Lengths()}");
                writer.Line(
                    _spans.Stripes == 0
                        ? $"int stripe = {span};"
                        : Invariant($"int stripe = {KernelText.Scaled(span, _spans.Stripes)} + System::Math.Min({span}, {_spans.Longer});")
                );
            }

            body();
        }
    }

    private string Lengths() =>
        _spans.Longer == 1
            ? Invariant($"The first span has {_spans.Longest} stripes, the others {_spans.Stripes}.")
            : Invariant($"The first {_spans.Longer} spans have {_spans.Longest} stripes, the others {_spans.Stripes}.");

    private void WriteGroups(CSharpWriter writer, Action body)
    {
        using (writer.Block("for (int group = range.GroupFrom; group < range.GroupTo; group++)"))
        {
            if (plan.Pattern.IsUniform)
            {
                var kept = plan.Pattern.Kept(0).Count;
                writer.Line($"float* groupWeights = weights + (long)group * {kept * plan.Pattern.BlockLength};");
                writer.Line($"int* offsets = {PatternTables.Pointer(plan, "Offsets")} + group * {kept};");
            }
            else
            {
                writer.Line($"int firstBlock = {plan.MethodStem}_Starts[group];");
                writer.Line($"int blocks = {plan.MethodStem}_Starts[group + 1] - firstBlock;");
                writer.Line($"float* groupWeights = weights + (long)firstBlock * {plan.Pattern.BlockLength};");
                writer.Line($"int* offsets = {PatternTables.Pointer(plan, "Offsets")} + firstBlock;");
            }

            body();
        }
    }

    private void WriteTiles(CSharpWriter writer)
    {
        if (Parts == 1)
        {
            WriteParts(writer);
            return;
        }

        writer.Line($"// A group has {plan.Pattern.BlockLength} output channels; the registers hold {Longest.Channels} at a time.");
        using (writer.Block($"for (int part = 0; part < {Parts}; part++)"))
            WriteParts(writer);
    }

    private void WriteParts(CSharpWriter writer)
    {
        if (!TakesSpans)
        {
            var span = _output.Shape.Batch > 1 ? "span" : "tile";
            var last =
                _spans.Longer == 0
                    ? Invariant($"stripe + {_spans.Stripes}")
                    : Invariant($"stripe + ({span} < {_spans.Longer} ? {_spans.Longest} : {_spans.Stripes})");
            writer.Line($"int lastStripe = {last};");
            using (writer.Block("for (int single = stripe; single < lastStripe; single++)"))
                WriteCall(writer, Longest, "single");
        }
        else if (HasTwoLengths)
        {
            writer.Line(Invariant($"if ({(_output.Shape.Batch > 1 ? "span" : "tile")} < {_spans.Longer})"));
            using (writer.Indented())
                WriteCall(writer, Longest, "stripe");
            writer.Line("else");
            using (writer.Indented())
                WriteCall(writer, Longest with { Stripes = _spans.Stripes }, "stripe");
        }
        else
        {
            WriteCall(writer, Longest, "stripe");
        }
    }

    private void WriteCall(CSharpWriter writer, StripedTile tile, string stripe)
    {
        var part = Parts == 1 ? "" : Invariant($" + part * {tile.Channels}");
        var channel = Invariant($"group * {plan.Pattern.BlockLength}{part}");
        var places = Parts == 1 ? Invariant($"group * {plan.Pattern.BlockLength * 16}") : $"({channel}) * 16";
        string Place(string pointer, BufferPlan buffer) =>
            Invariant($"{pointer}{KernelText.ImageTerm(buffer.Shape.Batch, buffer.BatchStride)} + {stripe} * ")
            + Invariant($"{StripeLayout.Length(buffer.Shape)}");
        var arguments = new List<string> { Place("input", _input), "groupWeights" + part, "offsets" };
        if (!plan.Pattern.IsUniform)
            arguments.Add("blocks");
        arguments.Add("bias + " + channel);
        arguments.Add($"{Place("output", _output)} + {places}");
        if (HasResidual)
            arguments.Add($"{Place("residual", plan.Inputs[1]!)} + {places}");
        writer.Line($"{Method(tile).Name}({string.Join(", ", arguments)});");
    }

    private string Describe()
    {
        var pattern = plan.Pattern;
        return Invariant($"{_input.Shape.Channels} to {_output.Shape.Channels} channels, {_output.Height} x {_output.Width} pixels. ")
            + (
                pattern.IsUniform
                    ? Invariant(
                        $"Each group of {pattern.BlockLength} output channels keeps {pattern.Kept(0).Count} of {pattern.InputChannels} "
                            + $"input channels."
                    )
                    : Invariant(
                        $"The groups of {pattern.BlockLength} output channels keep {pattern.KeptBlocks} of "
                            + $"{pattern.Groups * pattern.InputChannels} blocks, unevenly."
                    )
            );
    }
}
