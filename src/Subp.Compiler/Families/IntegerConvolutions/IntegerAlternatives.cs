using Subp.Compiler.Families.Convolutions;
using Subp.Compiler.Planning.Costs;
using Subp.Compiler.Planning.Hints;

namespace Subp.Compiler.Families.IntegerConvolutions;

/// <summary>How tuning cuts a layer of bytes otherwise: bands of more or fewer rows, and tiles of fewer pixels.</summary>
internal static class IntegerAlternatives
{
    // How many times the memory that the planner allows a band. Layers of four times as much were a third slower.
    private const int MostMemory = 2;

    /// <summary>Hints for the cuts that the layer can have, beside the one that was chosen.</summary>
    /// <param name="plan">The layer as it is planned.</param>
    /// <param name="set">The instruction set.</param>
    /// <param name="machine">The machine whose costs order them.</param>
    public static IEnumerable<HintCandidate> Of(IntegerConvolutionPlan plan, InstructionSet set, MachineDescription machine)
    {
        var mode = ProductModes.Of(plan, set)[0];
        var most = new QuadVectors(set, mode).MostPixels(plan);
        foreach (var rows in Bands(plan))
        {
            var banded = plan with { BandRows = rows };
            var cycles = CostModel.Cycles(banded, set, machine);
            var planned = TilePixels.Cost(banded, most);
            foreach (var pixels in Tiles(banded, most))
            {
                var hints = new List<KeyValuePair<string, string>>();
                if (rows != plan.BandRows)
                    hints.Add(new(IntegerHints.Band, IntegerHints.BandWord(rows)));
                if (pixels != most)
                    hints.Add(new(TileHint.KeyOf(set), TileHint.Word(1, pixels)));
                if (hints.Count > 0)
                    yield return new HintCandidate(hints, cycles * TilePixels.Cost(banded, pixels) / planned);
            }
        }
    }

    // The rows that cut the layer into 1, 2, 3.. bands, as far as they fit.
    private static IEnumerable<int> Bands(IntegerConvolutionPlan plan)
    {
        var height = plan.OutputShape.Height;
        return Enumerable
            .Range(1, height)
            .Select(bands => (height + bands - 1) / bands)
            .Append(plan.BandRows)
            .Distinct()
            .Where(rows =>
                rows == plan.BandRows || BandSize.Fits(plan.Window, plan.InputShape, plan.OutputShape, plan.Places, rows, MostMemory)
            );
    }

    // Limits that give other tiles than the next larger one.
    private static IEnumerable<int> Tiles(IntegerConvolutionPlan plan, int most) =>
        Enumerable.Range(1, most).Reverse().Where(limit => limit == most || !TilePixels.AreSame(plan, limit, limit + 1));
}
