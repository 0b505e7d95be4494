using Subp.Compiler.Emission;
using Subp.Compiler.Emission.Kernels;

namespace Subp.Compiler.Families.Winograd;

/// <summary>
/// Writes how the input of a convolution of stride 2 is transformed: pixels of even and odd rows and columns are channels of one block.
/// They are put together for all tiles of the block that are neighbours in a row, since these share columns, and since vectors that were
/// just written in small pieces have to wait for them.
/// </summary>
/// <param name="plan">The layer.</param>
/// <param name="set">The instruction set.</param>
internal sealed class WinogradPhaseWriter(WinogradPlan plan, InstructionSet set)
{
    private int TileSize => plan.Transform.OutputSize;

    /// <summary>Writes the code of a block of tiles.</summary>
    /// <param name="writer">The file.</param>
    /// <param name="writeTilePlace">Writes where the tile <c>index</c> of the block lies, where these are not all in one row.</param>
    public void Write(CSharpWriter writer, Action writeTilePlace)
    {
        writer.Line();
        writer.Line("// The input tiles of the block: even and odd rows and columns become channels, then tiles are transformed.");
        if (plan.Pool is not null)
        {
            WriteNeighbours(writer, "firstColumn", "tiles", "neighbour");
            return;
        }

        using (writer.Block("for (int index = 0; index < tiles;)"))
        {
            writeTilePlace();
            writer.Line($"int neighbours = System::Math.Min(tiles - index, {plan.TileColumns} - column);");
            WriteNeighbours(writer, "column", "neighbours", "(index + neighbour)");
            writer.Line("index += neighbours;");
        }
    }

    private void WriteNeighbours(CSharpWriter writer, string column, string count, string index)
    {
        var input = plan.Inputs[0]!;
        var (size, pitch) = (plan.Transform.InputSize, plan.PhaseColumns * 16);
        writer.Line(
            $"float* corner = input{KernelText.ImageTerm(plan.Batch, input.BatchStride)} + row * {2 * TileSize * input.RowPitch} + "
                + $"{column} * {2 * TileSize};"
        );
        using (writer.Block($"for (int y = 0; y < {size}; y++)"))
        {
            writer.Line($"float* even = corner + y * {2 * input.RowPitch};");
            writer.Line($"float* odd = even + {input.RowPitch};");
            writer.Line($"float* last = even + {count} * {2 * TileSize} + {2 * (size - TileSize)};");
            writer.Line($"float* lanes = phases + y * {pitch};");
            writer.Line("// Two neighbours of a row at a time.");
            using (writer.Block("for (; even < last; even += 2, odd += 2, lanes += 16)"))
            {
                for (var channel = 0; channel < input.Shape.Channels; channel++)
                {
                    var plane = channel * input.PlaneStride;
                    writer.Line($"*(long*)({KernelText.Offset("lanes", channel * 4)}) = *(long*)({KernelText.Offset("even", plane)});");
                    writer.Line(
                        $"*(long*)({KernelText.Offset("lanes", (channel * 4) + 2)}) = *(long*)({KernelText.Offset("odd", plane)});"
                    );
                }
            }
        }

        writer.Line();
        using (writer.Block($"for (int neighbour = 0; neighbour < {count}; neighbour++)"))
        {
            writer.Line($"float* start = phases + neighbour * {TileSize * 16};");
            writer.Line($"float* target = transformed + {index} * 16;");
            var lanes = VectorDialect.Longest(set).Lanes;
            for (var lane = 0; lane < 16; lane += lanes)
                writer.Line(
                    $"{WinogradInputWriter.MethodOf(plan.Transform)}({KernelText.Offset("start", lane)}, {pitch}, "
                        + $"{KernelText.Offset("target", lane)}, {plan.TransformedStride});"
                );
        }
    }
}
