using Subp.Compiler.Families.Bytes;
using Subp.Compiler.Planning;
using Subp.Compiler.Planning.Costs;
using Subp.Compiler.Planning.Scheduling;
using Subp.Compiler.Planning.Values;
using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Compiler.Families.IntegerDepthwise;

/// <summary>A depthwise convolution of bytes: lanes are channels. A task is a row of output.</summary>
/// <param name="Frame">What every step has.</param>
internal sealed record IntegerDepthwisePlan(LayerFrame Frame) : BytePlan(Frame)
{
    /// <summary>The window.</summary>
    public required Window Window { get; init; }

    /// <summary>The shape of the input.</summary>
    public required TensorShape InputShape { get; init; }

    /// <summary>The bytes from one pixel to the next, of input and output.</summary>
    public required int Pitch { get; init; }

    /// <summary>The byte of the input that stands for 0.</summary>
    public required int InputZero { get; init; }

    /// <summary>How sums become bytes.</summary>
    public required Placement Placement { get; init; }

    /// <summary>The word of the activation in the kernel's name; null where there is none.</summary>
    public string? ActivationWord { get; init; }

    /// <summary>The shape of the output.</summary>
    public TensorShape OutputShape => Node.Shape;

    // Kernels of more taps would be long; they are walked by loops.
    private const int MostTaps = 49;

    /// <summary>How weights are stored.</summary>
    public ChannelBlocks Blocks => new(Pitch, Window.Kernel.Height, Window.Kernel.Width);

    /// <summary>True where kernels read a row outside of the image, which they keep in scratch memory.</summary>
    public bool HasOutsideRow => HasQuads(InstructionSet.Avx2) && InnerRows != (0, OutputShape.Height);

    /// <summary>The parameters of the kernels.</summary>
    public string[] Pointers => HasOutsideRow ? ["input", "constants", "scratch", "output"] : ["input", "constants", "output"];

    /// <inheritdoc/>
    public override int ScratchLength =>
        HasOutsideRow ? BufferPlanner.RoundUp(ByteLayout.Floats(checked((InputShape.Width * Pitch) + ByteLayout.Slack))) : 0;

    /// <summary>True where four bytes of a column are multiplied at once: by AVX2, if channels fill half of its vectors.</summary>
    public bool HasQuads(InstructionSet set) =>
        set != InstructionSet.Portable && Pitch >= ChannelBlocks.Channels / 2 && Window.Kernel.Height * Window.Kernel.Width <= MostTaps;

    /// <inheritdoc/>
    protected override string OperationName => $"depthwise{WindowText(Window)}" + (ActivationWord is null ? "" : "_" + ActivationWord);

    /// <summary>The columns whose windows lie inside of the image: the first, and one past the last.</summary>
    public (int From, int To) InnerColumns =>
        Inner(InputShape.Width, OutputShape.Width, Window.Kernel.Width, Window.Stride.Width, Window.Padding.Left, Window.Dilation.Width);

    /// <summary>The rows whose windows lie inside of the image: the first, and one past the last.</summary>
    public (int From, int To) InnerRows =>
        Inner(
            InputShape.Height,
            OutputShape.Height,
            Window.Kernel.Height,
            Window.Stride.Height,
            Window.Padding.Top,
            Window.Dilation.Height
        );

    /// <inheritdoc/>
    public override void AddFootprint(WorkRange range, SpanList reads, SpanList writes)
    {
        for (var tile = range.TileFrom; tile < range.TileTo; tile++)
        {
            var (image, row) = (tile / OutputShape.Height, tile % OutputShape.Height);
            var first = (row * Window.Stride.Height) - Window.Padding.Top;
            var from = Math.Max(0, first);
            var to = Math.Min(InputShape.Height, first + ((Window.Kernel.Height - 1) * Window.Dilation.Height) + 1);
            var bytes = InputShape.Width * Pitch;
            AddBytes(reads, Operands[0], ((image * InputShape.Height) + from) * bytes, ((image * InputShape.Height) + to) * bytes);
            AddBytes(writes, Target, tile * OutputShape.Width * Pitch, (tile + 1) * OutputShape.Width * Pitch);
        }
    }

    /// <inheritdoc/>
    public override IReadOnlyList<WorkItem> Work(InstructionSet set, MachineDescription machine)
    {
        var lanes = (double)(HasQuads(set) ? MachineDescription.Lanes(set) : 4);
        return new WorkList()
            .Add("layer", 1)
            .AddRead(machine, InputShape.ElementCount)
            .AddWrite(machine, OutputShape.ElementCount)
            .Add("byte.tap", KeptMacs / lanes)
            .Add("byte.store", OutputShape.ElementCount / lanes)
            .Items;
    }

    private static (int From, int To) Inner(int input, int output, int kernel, int stride, int padding, int dilation)
    {
        var from = Math.Min(output, (padding + stride - 1) / stride);
        var room = input + padding - ((kernel - 1) * dilation) - 1;
        return (from, Math.Max(from, room < 0 ? 0 : Math.Min(output, (room / stride) + 1)));
    }
}
