using Subp.Compiler.Families.Bytes;
using Subp.Compiler.Planning;
using Subp.Compiler.Planning.Costs;
using Subp.Compiler.Planning.Scheduling;
using Subp.Compiler.Planning.Values;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Sparsity;
using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Families.IntegerConvolutions;

/// <summary>
/// A convolution or linear layer of bytes and signed bytes. A task is a group of output channels and a band of rows: the input channels
/// that the group reads are put side by side in scratch memory, four of them to a quad, and multiplied by quads of weights.
/// </summary>
/// <param name="Frame">What every step has.</param>
internal sealed record IntegerConvolutionPlan(LayerFrame Frame) : BytePlan(Frame)
{
    /// <summary>Outputs of a vector of weights: sixteen 32-bit sums.</summary>
    public const int Lanes = 16;

    /// <summary>Bytes of a quad of weights for the outputs of a vector.</summary>
    public const int QuadBytes = 4 * Lanes;

    /// <summary>Input channels that one permutation of bytes chooses from.</summary>
    public const int GatheredChannels = 64;

    /// <summary>Permutations whose indices and places are held in registers together.</summary>
    public const int PermutationsTogether = 8;

    /// <summary>Bytes that kernels write or read beyond what they put together.</summary>
    private const int Slack = 128;

    /// <summary>The window; one tap for a linear layer.</summary>
    public required Window Window { get; init; }

    /// <summary>Groups of output channels with the input channels that each reads.</summary>
    public required BlockPattern Pattern { get; init; }

    /// <summary>The input as images; the rows of a linear layer are one image of one row.</summary>
    public required TensorShape InputShape { get; init; }

    /// <summary>The output as images.</summary>
    public required TensorShape OutputShape { get; init; }

    /// <summary>The bytes from one pixel to the next, of the input and of the output.</summary>
    public required (int Input, int Output) Pitch { get; init; }

    /// <summary>Where the constants of the layer lie, in bytes from the first.</summary>
    public required IntegerLayerPlaces Places { get; init; }

    /// <summary>Output rows of a band.</summary>
    public required int BandRows { get; init; }

    /// <summary>What was asked for, of which the rows of a band are obeyed already.</summary>
    public required IntegerHints Hints { get; init; }

    /// <summary>The byte of the input that stands for 0.</summary>
    public required int InputZero { get; init; }

    /// <summary>The bits of a weight, 6 at most, so that two products fit into 16 bits; null where they are not known.</summary>
    public int? WeightBits { get; init; }

    /// <summary>How many quads of products a 16-bit sum holds; 0 where sums have 32 bits.</summary>
    public int ShortQuads => ProductModes.ShortQuads(WeightBits);

    /// <summary>True where the taps of a row of the kernel lie side by side in scratch memory: unless they are dilated.</summary>
    public bool IsJoined => Window.Dilation.Width == 1 || Window.Kernel.Width == 1;

    /// <summary>Quads of products that are added up one after the other, for each row of the kernel or for each tap.</summary>
    public int Steps => IsJoined ? Places.RowQuads : Quads;

    /// <summary>How often 16-bit sums become 32-bit sums among these.</summary>
    public int Stretches => (Steps + ShortQuads - 1) / ShortQuads;

    /// <summary>How sums become bytes.</summary>
    public required Placement Placement { get; init; }

    /// <summary>The activation of a result in floats, which is dense; null where the result is bytes.</summary>
    public Activation? FloatActivation { get; init; }

    /// <summary>True where the result is floats.</summary>
    public bool IsFloat => FloatActivation is not null;

    /// <summary>
    /// Of a result of floats, how far it is from one channel to the next and from one pixel to the next: the pixels of a channel are side
    /// by side, of a vector the features.
    /// </summary>
    public (int Channel, int Pixel) DenseStrides =>
        Node.Shape.IsImage ? (OutputShape.Height * OutputShape.Width, 1) : (1, Node.Shape.Channels);

    /// <summary>Of a residual that is added: its zero point, and its scale as a part of that of the result.</summary>
    public (int ZeroPoint, float Ratio)? Residual { get; init; }

    /// <summary>
    /// Where the result is a byte of its own before a residual is added: how it becomes that, and its scale as a part of that of the sum.
    /// </summary>
    public (Placement Placement, float Ratio)? RoundedFirst { get; init; }

    /// <summary>The word of the activation in the kernel's name; null where there is none.</summary>
    public string? ActivationWord { get; init; }

    /// <inheritdoc/>
    public override BlockPattern KeptBlocks => Pattern;

    /// <summary>True where groups read only some of the input channels, each others.</summary>
    public bool IsGathered => !Pattern.IsFull;

    /// <summary>The quads of input channels of a group; all groups have those of the largest.</summary>
    public int Quads => Places.Quads;

    /// <summary>The vectors of outputs of a group.</summary>
    public int Vectors => Places.Vectors;

    /// <summary>Channels of a pixel that are put together.</summary>
    public int PixelChannels => Quads * 4;

    /// <summary>The most channels that one permutation chooses.</summary>
    public int MostChosen =>
        Enumerable
            .Range(0, Pattern.Groups)
            .Max(group =>
                Pattern.Kept(group).GroupBy(channel => channel / GatheredChannels).Select(part => part.Count()).DefaultIfEmpty().Max()
            );

    /// <summary>
    /// True where the channels of a pixel are put together in several passes over all pixels. Vectors go beyond what they choose, so that
    /// pixels lie apart then: one pass must not write into the pixel behind, which an earlier pass has written. Taps read pixels side by
    /// side, so a window of several has one pass.
    /// </summary>
    public bool HasSeveralPasses => IsGathered && Window.Kernel == Extent.One && Places.Permutations > PermutationsTogether;

    /// <summary>Channels from one pixel to the next where they are put together.</summary>
    public int PixelPitch =>
        Places.IsClosedUp
            ? Places.TapChannels
            : PixelChannels + (HasSeveralPasses ? (MostChosen <= GatheredChannels / 2 ? GatheredChannels / 2 : GatheredChannels) : 0);

    /// <summary>
    /// Quads of products of a sum up to which joining the short vectors of dot products, before they become bytes, is measured to be faster
    /// on all processors.
    /// </summary>
    private const int FewQuads = 8;

    /// <summary>True where a sum has so few products that its short vectors are joined on all processors.</summary>
    public bool HasFewQuads => Window.Kernel.Height * Places.RowQuads <= FewQuads;

    /// <summary>True where instructions of 512 bits beside dot products gain something, on processors that compute both.</summary>
    public bool HasMixedForm => !IsFloat && (!HasFewQuads || TileGathering.Of(this) is not null);

    // Kernels of few bits and those that give floats put the channels of a whole band together.
    private bool GathersAhead(InstructionSet set) =>
        ProductModes.Of(this, set)[0] == ProductMode.MixedDot && TileGathering.Of(this) is not null;

    /// <summary>How rows of the band follow from rows of the input.</summary>
    public BandGeometry Rows => BandGeometry.Rows(Window, InputShape.Height);

    /// <summary>How columns of the band follow from columns of the input.</summary>
    public BandGeometry Columns => BandGeometry.Columns(Window, InputShape.Width);

    /// <summary>Columns of the band.</summary>
    public int BandColumns => Columns.Positions(OutputShape.Width);

    /// <summary>The bands of an image.</summary>
    public int Bands => (OutputShape.Height + BandRows - 1) / BandRows;

    /// <summary>True where the outputs of a band read pixels that lie side by side, so that rows need no thought.</summary>
    public bool IsOneRow => Window.Kernel == Extent.One;

    /// <summary>True where the pixels under the outputs of a band lie side by side in the input as well.</summary>
    public bool IsOneRowOfInput =>
        IsOneRow
        && Window.Stride == Extent.One
        && Rows.First == 0
        && Columns.First == 0
        && OutputShape.Width == InputShape.Width
        && OutputShape.Height == InputShape.Height;

    /// <inheritdoc/>
    public override int ScratchLength => ResultsOffset + (IsFloat ? checked(ResultPixels * Vectors * Lanes) : 0);

    /// <summary>The pixels whose floats are kept until they are written into planes, many at a time: two rows, or a band of rows that are
    /// one.</summary>
    public int ResultPixels => (IsOneRow ? BandRows : 2) * OutputShape.Width;

    /// <summary>Where in scratch memory the floats of these pixels go, in floats.</summary>
    public int ResultsOffset =>
        BufferPlanner.RoundUp(
            ByteLayout.Floats(
                Math.Max(
                    checked(Rows.Positions(BandRows) * BandColumns * PixelPitch * sizeof(short)) + Slack,
                    TileGathering.Of(this)?.ScratchBytes ?? 0
                )
            )
        );

    /// <inheritdoc/>
    protected override string OperationName
    {
        get
        {
            var kind =
                Node.Operator is Linear ? (IsGathered ? "splinear" : "linear")
                : Node.Operator is Conv2d { Groups: > 1 } ? "groupconv" + WindowText(Window)
                : (IsGathered ? "spconv" : "conv") + WindowText(Window);
            var residual =
                Residual is null ? ""
                : RoundedFirst is null ? "_addonce"
                : "_add";
            if (IsFloat)
                kind += "_f32";
            return Invariant($"{kind}_n{Pattern.BlockLength}{residual}") + (ActivationWord is null ? "" : "_" + ActivationWord);
        }
    }

    /// <summary>The bytes that the outputs of a vector of a group take.</summary>
    public int StoredBytes(int vector) => Math.Min(Math.Min(Lanes, Pattern.BlockLength - (vector * Lanes)), Pitch.Output);

    /// <inheritdoc/>
    public override double TileCost(int tile)
    {
        var first = tile % Bands * BandRows;
        return (double)(Math.Min(OutputShape.Height, first + BandRows) - first) / BandRows;
    }

    /// <inheritdoc/>
    public override void AddFootprint(WorkRange range, SpanList reads, SpanList writes)
    {
        for (var tile = range.TileFrom; tile < range.TileTo; tile++)
        {
            var (image, first) = (tile / Bands, tile % Bands * BandRows);
            var last = Math.Min(OutputShape.Height, first + BandRows);
            var (from, to) = Rows.Input(first, last);
            var row = InputShape.Width * Pitch.Input;
            AddBytes(reads, Operands[0], ((image * InputShape.Height) + from) * row, ((image * InputShape.Height) + to) * row);
            if (IsFloat)
            {
                writes.Whole(Output);
                continue;
            }

            var outputRow = OutputShape.Width * Pitch.Output;
            var (begin, end) = (((image * OutputShape.Height) + first) * outputRow, ((image * OutputShape.Height) + last) * outputRow);
            if (Residual is not null)
                AddBytes(reads, Operands[1], begin, end);
            AddBytes(writes, Target, begin, end);
        }
    }

    /// <inheritdoc/>
    public override IReadOnlyList<WorkItem> Work(InstructionSet set, MachineDescription machine)
    {
        var outputs = (double)OutputShape.Batch * OutputShape.Height * OutputShape.Width * Pattern.Groups * Vectors * Lanes;
        var quads = Window.Kernel.Height * Places.RowQuads;
        // Rows that two bands read are put together for both.
        var band = (double)OutputShape.Batch * Bands * Rows.Positions(BandRows) * BandColumns * PixelChannels;
        var gathered = band * (IsGathered ? Pattern.Groups : 1);
        var weights = (double)Pattern.Groups * Places.GroupBytes;
        var lanes = MachineDescription.Lanes(set);
        var products = outputs * quads / lanes;
        var work = new WorkList()
            .Add("layer", 1)
            .AddRead(machine, InputShape.ElementCount)
            .AddRead(machine, Residual is null ? 0 : OutputShape.ElementCount)
            .AddWrite(machine, OutputShape.ElementCount)
            .Add(machine.FirstUse(weights, weights), weights / WorkList.LineBytes)
            .AddLines("weight", machine.LevelOf(weights), weights / WorkList.LineBytes * ((OutputShape.Batch * Bands) - 1))
            .Add(GathersAhead(set) ? "byte.ahead" : "byte.gather", gathered / 16)
            .Add("byte.store", outputs / lanes * (Residual is null ? 1 : 2));
        if (ProductModes.Of(this, set)[0] == ProductMode.Short)
            work.Add("byte.short", products).Add("byte.widen", outputs / lanes * (quads / Steps) * Stretches);
        else
            work.Add("byte.product", products);
        return (IsFloat ? work.Add("byte.value", OutputShape.ElementCount) : work).Items;
    }
}
