using Subp.Compiler.Emission;
using Subp.Compiler.Emission.Kernels;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Families.DirectConvolutions;

/// <summary>
/// Writes the method of one register tile whose kept blocks come from a table, or from a counted loop where all channels are read, and the
/// call of it. The straight-line form has <see cref="StraightLineWriter"/> instead.
/// </summary>
internal sealed class ConvolutionTileMethod(ConvolutionPlan plan, ConvolutionKernel kernel, int rows)
{
    private readonly ConvolutionAddresses _addresses = new(plan, kernel);

    private bool HasOffsets => ConvolutionWriter.NeedsOffsets(plan);

    /// <summary>
    /// True for kernels of one tap, whose multiply-adds all wait for the address of their block. The many loads of larger kernels cover
    /// that.
    /// </summary>
    private bool LooksAhead => plan.Convolution.Window is { Kernel: var taps } && taps == Extent.One;

    private bool HasResidual => plan.Inputs.Count > 1;

    private bool HasSteps => ConvolutionTileWriter.NeedsSteps(plan, kernel, rows);

    private string Name => Invariant($"{plan.MethodStem}_Tile{rows}x{kernel.Tile.Columns}");

    /// <summary>The distances between taps as arguments, for kernels that must not have them as constants.</summary>
    public static string StepArguments(ConvolutionPlan plan, ConvolutionKernel kernel, int rows)
    {
        var input = plan.Inputs[0]!;
        var dilation = plan.Convolution.Window.Dilation;
        return ConvolutionTileWriter.NeedsSteps(plan, kernel, rows)
            ? Invariant($", rowStep: {dilation.Height * input.RowPitch}, columnStep: {dilation.Width * input.PixelStride}")
            : "";
    }

    /// <summary>Writes the call for the tile at an output row and column.</summary>
    public void WriteCall(CSharpWriter writer, string row, string column)
    {
        var part = kernel.Parts == 1 ? "" : Invariant($" + part * {_addresses.PartChannels}");
        var arguments = new List<string> { _addresses.Input(row, column), "groupWeights" + part };
        if (HasOffsets)
            arguments.Add("offsets");
        if (!plan.Pattern.IsUniform)
            arguments.Add("blocks");
        arguments.Add(Invariant($"bias + group * {plan.Pattern.BlockLength}{part}"));
        arguments.Add(_addresses.Tile("output", plan.Output!, row, column));
        if (HasResidual)
            arguments.Add(_addresses.Tile("residual", plan.Inputs[1]!, row, column));
        if (plan.IsFlat(kernel))
            arguments.Add(Invariant($"{plan.Output!.Width} - {column}"));
        writer.Line($"{Name}({string.Join(", ", arguments)}{StepArguments(plan, kernel, rows)});");
    }

    /// <summary>Writes the method.</summary>
    public void Write(CSharpWriter writer)
    {
        var parameters = new List<string> { "float* input", "float* weights" };
        if (HasOffsets)
            parameters.Add("int* offsets");
        if (!plan.Pattern.IsUniform)
            parameters.Add("int blocks");
        parameters.AddRange(["float* bias", "float* output"]);
        if (HasResidual)
            parameters.Add("float* residual");
        if (plan.IsFlat(kernel))
            parameters.Add("int rowEnd");
        if (HasSteps)
            parameters.AddRange(["long rowStep", "long columnStep"]);
        var tile = new ConvolutionTileWriter(plan, kernel, rows);
        using (
            KernelText.Method(
                writer,
                Invariant($"{rows} x {kernel.Tile.Columns} output pixels of one group: {Steps()}."),
                $"private static void {Name}({string.Join(", ", parameters)})"
            )
        )
        {
            tile.WriteRegisterRoles(writer);
            if (HasSteps)
            {
                writer.Line(
                    "// The steps between taps come as arguments: as constants they would let the JIT see that taps share pixels, and "
                        + "it would"
                );
                writer.Line("// keep each loaded pixel for the next tap, which takes more registers than there are.");
            }

            tile.WriteStart(writer, fromBias: true);
            if (plan.StretchBlocks is { } stretch)
                WriteStretches(writer, tile, stretch);
            else
                WriteBlockLoop(writer, () => tile.WriteBlock(writer, 0));
            tile.WriteEnd(writer, final: true);
        }

        writer.Line();
    }

    /// <summary>What happens to an output pixel, in order.</summary>
    private string Steps()
    {
        var activation = plan.Activation;
        return $"bias, {(plan.IsSparse ? "every kept block" : "every input channel")}{(HasResidual ? ", residual" : "")}"
            + $"{(activation == Activation.None ? "" : ", " + activation.Word)}, store";
    }

    /// <summary>Sums of some blocks at a time, added to totals in memory: their registers are those of the sums.</summary>
    private void WriteStretches(CSharpWriter writer, ConvolutionTileWriter tile, int stretch)
    {
        tile.WriteTotals(writer);
        var blocks = HasOffsets && !plan.Pattern.IsUniform ? "blocks" : Invariant($"{plan.Pattern.Kept(0).Count}");
        void Block() => tile.WriteBlock(writer, 0);
        void Start() => tile.WriteZeros(writer);
        void End() => tile.WriteAddToTotals(writer);
        if (LooksAhead && HasOffsets)
            KeptBlockLoop.WriteStretches(writer, "input", blocks, stretch, Start, Block, End);
        else
        {
            using (writer.Block($"for (int first = 0; first < {blocks}; first += {stretch})"))
            {
                Start();
                writer.Line($"int last = System::Math.Min(first + {stretch}, {blocks});");
                var index = HasOffsets ? "block" : "channel";
                using (writer.Block($"for (int {index} = first; {index} < last; {index}++)"))
                {
                    writer.Line(HasOffsets ? "float* pixel = input + offsets[block];" : ChannelPointer());
                    Block();
                }

                writer.Line();
                End();
            }
        }

        writer.Line();
        tile.WriteFromTotals(writer);
    }

    private string ChannelPointer()
    {
        var input = plan.Inputs[0]!;
        return input.Layout == Layout.Blocked16
            ? Invariant($"float* pixel = input + (channel >> 4) * {input.PlaneStride} + (channel & 15);")
            : Invariant($"float* pixel = input + channel * {input.PlaneStride};");
    }

    private void WriteBlockLoop(CSharpWriter writer, Action body)
    {
        if (HasOffsets)
        {
            var blocks = plan.Pattern.IsUniform ? Invariant($"{plan.Pattern.Kept(0).Count}") : "blocks";
            if (LooksAhead)
            {
                KeptBlockLoop.Write(writer, "input", blocks, body);
                return;
            }

            using (writer.Block($"for (int block = 0; block < {blocks}; block++)"))
            {
                writer.Line("float* pixel = input + offsets[block];");
                body();
            }

            return;
        }

        if (plan.Pattern.InputChannels == 1)
        {
            writer.Line("float* pixel = input;");
            body();
            return;
        }

        using (writer.Block($"for (int channel = 0; channel < {plan.Pattern.InputChannels}; channel++)"))
        {
            writer.Line(ChannelPointer());
            body();
        }
    }
}
