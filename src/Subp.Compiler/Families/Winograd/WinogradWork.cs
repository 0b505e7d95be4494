using Subp.Compiler.Planning.Costs;
using Subp.Core.Graphs;

namespace Subp.Compiler.Families.Winograd;

/// <summary>
/// What a convolution in the Winograd domain does: transforms of vectors in and out, products between them, and weights that are read block
/// by block.
/// </summary>
/// <param name="Groups">Groups of output channels.</param>
/// <param name="KeptBlocks">Kept blocks of these groups.</param>
/// <param name="BlockLength">N.</param>
/// <param name="Transform">The transform.</param>
/// <param name="Input">The shape of the input.</param>
/// <param name="Tiles">Output tiles of all images.</param>
/// <param name="BlockTiles">The most tiles of a block.</param>
/// <param name="ChunkGroups">Groups of a chunk.</param>
/// <param name="Kernel">The kernel of the instruction set.</param>
/// <param name="Output">The shape of the output.</param>
/// <param name="HasResidual">True where a second input is added.</param>
internal sealed record WinogradWork(
    int Groups,
    double KeptBlocks,
    int BlockLength,
    WinogradTransform Transform,
    TensorShape Input,
    int Tiles,
    int BlockTiles,
    int ChunkGroups,
    WinogradKernel Kernel,
    TensorShape Output,
    bool HasResidual
)
{
    private const int LineFloats = 16;

    /// <summary>Sums in flight that hide the latency of a multiply-add: two units, four cycles.</summary>
    private const double HidingSums = 8;

    /// <summary>The work of a plan.</summary>
    public static WinogradWork Of(WinogradPlan plan, InstructionSet set) =>
        new(
            plan.Pattern.Groups,
            plan.Pattern.KeptBlocks,
            plan.Pattern.BlockLength,
            plan.Transform,
            plan.Inputs[0]!.Shape,
            plan.Convolved.Batch * plan.TileRows * plan.TileColumns,
            plan.BlockTiles,
            plan.ChunkGroups,
            plan.Kernel(set),
            plan.Output!.Shape,
            plan.Inputs.Count > 1
        );

    /// <summary>The work.</summary>
    public IReadOnlyList<WorkItem> Items(MachineDescription machine)
    {
        var family = "winograd" + Transform.Name;
        var lanes = Kernel.Unit.Lanes;
        var channelBlocks = (Input.Channels + 15) / 16;
        var blocks = (Tiles + BlockTiles - 1) / BlockTiles;
        var positions = Transform.Positions;
        var chunks = (Groups + ChunkGroups - 1) / ChunkGroups;
        var weightLines = positions * KeptBlocks * BlockLength / LineFloats;
        var transformedLines = (double)positions * channelBlocks * Tiles;
        var productVectors = (double)Tiles * Groups * BlockLength / lanes;
        var work = new WorkList()
            .Add("layer", 1)
            .Add(family + ".input", (double)Tiles * channelBlocks * 16 / lanes)
            .Add(family + ".output", productVectors);
        work.AddRead(machine, (double)Input.ElementCount * sizeof(float)).AddWrite(machine, (double)Output.ElementCount * sizeof(float));
        if (HasResidual)
            work.AddRead(machine, (double)Output.ElementCount * sizeof(float));
        AddProducts(work, blocks, machine.VectorScale(Kernel.Set));
        var scratchBytes = 4.0 * positions * BlockTiles * ((channelBlocks * 16) + (ChunkGroups * BlockLength));
        work.AddLines("winograd", machine.LevelOf(scratchBytes), transformedLines * chunks);
        // In the file a block has the taps of a kernel where there are positions here.
        var (bytes, taps) = (weightLines * WorkList.LineBytes, Transform.KernelSize * Transform.KernelSize);
        work.Add(machine.FirstUse(bytes, bytes * taps / positions), weightLines);
        work.AddLines("weight", machine.LevelOf(weightLines * 4 * LineFloats), weightLines * (blocks - 1));
        return work.Items;
    }

    private void AddProducts(WorkList work, int blocks, double scale)
    {
        var calls = (double)Transform.Positions * Groups * Kernel.Parts;
        var kept = KeptBlocks / Groups;
        for (var block = 0; block < blocks; block++)
        {
            var tiles = ((int)((long)Tiles * (block + 1) / blocks)) - (int)((long)Tiles * block / blocks);
            foreach (var (_, count) in Kernel.Split(tiles))
            {
                var sums = count * Kernel.Vectors;
                // A sum takes its multiply-add and, where pixels are not broadcast from memory, a share of a broadcast; then weights and an
                // offset.
                var loads = count + Kernel.Vectors + 1;
                var issue = Math.Max(Math.Max(sums, HidingSums) / 2, loads / 2.0);
                work.Add("winograd.product", calls * kept * issue * scale);
                work.Add("winograd.block", calls * kept);
                work.Add("winograd.call", calls);
                work.Add("winograd.store", calls * sums);
            }
        }
    }
}
