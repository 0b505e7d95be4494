using Subp.Compiler.Emission;
using Subp.Compiler.Emission.Runtime;
using Subp.Compiler.Planning;
using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Families.IntegerConvolutions;

/// <summary>The table of the input channels that each group of an integer layer reads.</summary>
internal static class ChannelTable
{
    /// <summary>The name of the table of the layer that is being planned.</summary>
    public static string Name(FamilyRequest request) => Name(request.Tiles(1).MethodStem);

    /// <summary>The name of the table of a layer.</summary>
    public static string Name(string stem) => stem + "_Channels";

    /// <summary>Writes the table, a line per group, each as long as the longest: channel 0 with weights of 0 fills up.</summary>
    public static void Write(CSharpWriter writer, IntegerConvolutionPlan plan)
    {
        writer.Line(
            $"/// <summary>{CSharpText.Documentation(plan.Node.Name)}: the input channels of each group of "
                + $"{plan.Pattern.BlockLength} outputs, "
                + $"{plan.PixelChannels} numbers a group.</summary>"
        );
        using (writer.Block($"private static System::ReadOnlySpan<ushort> {Name(plan.MethodStem)} =>", "];", opening: "["))
        {
            for (var group = 0; group < plan.Pattern.Groups; group++)
            {
                var kept = plan.Pattern.Kept(group);
                var line = kept.Concat(Enumerable.Repeat(0, plan.PixelChannels - kept.Count));
                writer.Line(string.Concat(line.Select(channel => Invariant($"{channel}, "))).TrimEnd());
            }
        }

        writer.Line();
    }
}
