using Subp.Compiler.Emission;
using Subp.Compiler.Emission.Kernels;
using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Families.IntegerConvolutions;

/// <summary>Writes an integer convolution for one instruction set: the layer method, and per mode a band, its rows and tiles.</summary>
/// <param name="plan">The layer.</param>
/// <param name="set">The instruction set.</param>
internal sealed class IntegerConvolutionWriter(IntegerConvolutionPlan plan, InstructionSet set)
{
    private readonly IReadOnlyList<ProductMode> _modes = ProductModes.Of(plan, set);

    // The channels of a band are put together tile by tile, by what multiplies them.
    private readonly bool _isGatheredAhead = TileGathering.Of(plan) is not null;

    /// <summary>Writes all methods.</summary>
    public void Write(CSharpWriter writer)
    {
        WriteLayer(writer);
        if (_modes[0] != ProductMode.Wide)
            new BandWriter(plan, set, isWide: false, plan.MethodStem).Write(writer);
        foreach (var mode in _modes)
            WriteMode(writer, mode);
    }

    private void WriteLayer(CSharpWriter writer)
    {
        string[] pointers = plan.Residual is null
            ? ["input", "constants", "scratch", "output"]
            : ["input", "added", "constants", "scratch", "output"];
        using (FamilyText.Method(writer, plan, set, Sentence(), pointers))
        {
            var (input, output) = (plan.InputShape, plan.OutputShape);
            var (inputBytes, outputRow) = (input.Height * input.Width * plan.Pitch.Input, output.Width * plan.Pitch.Output);
            writer.Line("byte* prepared = (byte*)constants;");
            writer.Line("byte* band = (byte*)scratch;");
            if (_modes.Contains(ProductMode.Wide) && _modes.Count > 1)
                writer.Line("bool isNarrow = *(int*)prepared != 0;");
            using (writer.Block("for (int tile = range.TileFrom; tile < range.TileTo; tile++)"))
            {
                KernelText.SplitTile(writer, output.Batch, plan.Bands, plan.BandRows, hasRows: true);
                writer.Line($"int rows = System::Math.Min({plan.BandRows}, {output.Height} - row);");
                writer.Line($"byte* source = (byte*)input{KernelText.ImageTerm(output.Batch, inputBytes)};");
                var image = output.Batch == 1 ? "row" : Invariant($"(image * {output.Height} + row)");
                if (plan.IsFloat)
                    writer.Line($"float* target = output{DenseTerm()};");
                else
                    writer.Line($"byte* target = (byte*)output + {image} * {outputRow};");
                if (plan.Residual is not null)
                    writer.Line($"byte* residual = (byte*)added + {image} * {outputRow};");
                using (writer.Block("for (int group = range.GroupFrom; group < range.GroupTo; group++)"))
                    WriteGroup(writer);
            }
        }

        writer.Line();
    }

    private string DenseTerm() =>
        plan.Node.Shape.IsImage
            ? KernelText.ImageTerm(plan.OutputShape.Batch, plan.OutputShape.Channels * plan.DenseStrides.Channel)
                + Invariant($" + row * {plan.OutputShape.Width}")
            : "";

    private string Sentence() =>
        Invariant($"{KernelText.Count(plan.Pattern.Groups, "group")} of {plan.Pattern.BlockLength} outputs, ")
        + Invariant($"{KernelText.Count(plan.Quads, "quad")} of inputs each, {KernelText.Extent(plan.Node.Shape)}");

    private void WriteGroup(CSharpWriter writer)
    {
        var places = plan.Places;
        writer.Line($"sbyte* weights = (sbyte*)prepared + {places.Weights} + (long)group * {places.GroupBytes};");
        writer.Line($"int* sums = (int*)(prepared + {places.Sums}) + group * {places.Vectors * IntegerConvolutionPlan.Lanes};");
        var residual =
            plan.IsFloat
                ? Invariant($", scratch + {plan.ResultsOffset}, System::Math.Min({plan.Pattern.BlockLength}, ")
                    + Invariant($"{plan.OutputShape.Channels} - group * {plan.Pattern.BlockLength})")
            : plan.Residual is null ? ""
            : Invariant($", residual + group * {plan.Pattern.BlockLength}");
        var step = plan.Pattern.BlockLength * (plan.IsFloat ? plan.DenseStrides.Channel : 1);
        void Mode(ProductMode mode)
        {
            if (mode == ProductMode.MixedDot && _isGatheredAhead)
            {
                var first = Invariant($"source + row * {plan.InputShape.Width * plan.Pitch.Input}{Gathered()}");
                writer.Line($"{plan.MethodStem}_{mode}Rows({first}, band, weights, sums, target + group * {step}{residual}, rows);");
                return;
            }

            var bands = new BandWriter(plan, set, mode == ProductMode.Wide, plan.MethodStem);
            var indices = plan.IsGathered ? Gathered() + ", group" : "";
            var call = $"{bands.Name}(source, band, row, rows{indices});";
            if (plan.IsGathered)
            {
                writer.Line(call);
            }
            else
            {
                writer.Line("// All groups read the same.").Line("if (group == range.GroupFrom)");
                using (writer.Indented())
                    writer.Line(call);
            }

            writer.Line($"{plan.MethodStem}_{mode}Rows(band, weights, sums, target + group * {step}{residual}, rows);");
        }

        if (_modes.Count == 1)
        {
            Mode(_modes[0]);
            return;
        }

        for (var index = 0; index < _modes.Count; index++)
        {
            var question = index == _modes.Count - 1 ? "" : $"if ({Question(_modes[index])})";
            using (writer.Block(index == 0 ? question : $"else {question}".TrimEnd()))
                Mode(_modes[index]);
        }
    }

    // How the channels of a group are chosen, as arguments.
    private string Gathered() =>
        Invariant($", prepared + {plan.Places.Indices} + group * {plan.Places.Permutations * IntegerLayerPlaces.PermutationBytes}, ")
        + Invariant($"(int*)(prepared + {plan.Places.Starts}) + group * {plan.Places.Permutations}");

    private string Question(ProductMode mode) =>
        mode switch
        {
            ProductMode.MixedDot when _isGatheredAhead => "MixesWidths && X86::AvxVnni.IsSupported && X86::Avx512Vbmi.IsSupported",
            ProductMode.MixedDot => "MixesWidths && X86::AvxVnni.IsSupported",
            ProductMode.Dot => "X86::AvxVnni.IsSupported",
            _ => "isNarrow",
        };

    private void WriteMode(CSharpWriter writer, ProductMode mode)
    {
        if (mode == ProductMode.Wide)
            new BandWriter(plan, set, isWide: true, plan.MethodStem).Write(writer);
        var quads = new QuadVectors(set, mode);
        new TileRowsWriter(plan, new IntegerTileWriter(plan, set, quads, plan.MethodStem), quads).Write(writer);
    }
}
