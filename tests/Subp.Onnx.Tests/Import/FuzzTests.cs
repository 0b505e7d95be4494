using Subp.Core.Diagnostics;
using Xunit;

namespace Subp.Onnx.Tests.Import;

/// <summary>Mutated files end in a diagnostic or a model, never in another exception or in memory out of proportion.</summary>
public class FuzzTests
{
    // Messages, strings and the graph take a multiple of their bytes in the file; the constant covers what a model of any size needs.
    private const int LargestMultiple = 64;
    private const int AlwaysAllowed = 4 << 20;

    [Theory]
    [InlineData("residual-opset17")]
    [InlineData("residual-folded-opset11")]
    [InlineData("mobile-opset13")]
    [InlineData("lenet-half-opset12")]
    public void Five_hundred_mutations_end_in_a_diagnostic_or_a_model(string name)
    {
        var original = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Data", $"{name}.onnx"));
        var structure = StructurePositions(original);
        var random = new Random(20231210);
        var (models, diagnostics) = (0, 0);
        for (var trial = 0; trial < 500; trial++)
        {
            var bytes = Mutate(original, structure, random);
            var before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                _ = OnnxImporter.Import(bytes, "net.onnx");
                models++;
            }
            catch (SubpException)
            {
                diagnostics++;
            }

            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(allocated <= ((long)bytes.Length * LargestMultiple) + AlwaysAllowed, $"trial {trial}: {allocated} bytes");
        }

        // A test that mutates only weights, or only breaks the first byte, would pass as well.
        Assert.InRange(models, 20, 480);
        Assert.Equal(500, models + diagnostics);
    }

    // Most bytes of a model are weights, where a change is harmless; the bytes around text are names, attributes and lengths.
    private static int[] StructurePositions(byte[] bytes)
    {
        bool IsText(int index) => index >= 0 && index + 2 < bytes.Length && bytes.AsSpan(index, 3).IndexOfAnyExceptInRange((byte)'.', (byte)'z') < 0;
        return [.. Enumerable.Range(0, bytes.Length).Where(index => Enumerable.Range(index - 8, 16).Any(IsText))];
    }

    private static byte[] Mutate(byte[] original, int[] structure, Random random)
    {
        var bytes = (byte[])original.Clone();
        var changes = random.Next(1, 4);
        for (var change = 0; change < changes; change++)
        {
            var position = random.Next(4) == 0 ? random.Next(bytes.Length) : Math.Min(structure[random.Next(structure.Length)], bytes.Length - 1);
            switch (random.Next(7))
            {
                case 0:
                    bytes[position] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes[position] = (byte)random.Next(256);
                    break;
                case 2:
                    bytes[position] = random.Next(2) == 0 ? (byte)0xff : (byte)0;
                    break;
                case 3:
                    bytes = bytes[..Math.Max(1, position)];
                    break;
                case 4:
                    // A stretch of the file at another place: a field that moves.
                    var length = Math.Min(random.Next(1, 40), bytes.Length - position);
                    var stretch = bytes.AsSpan(position, length).ToArray();
                    var target = random.Next(bytes.Length);
                    bytes = [.. bytes.AsSpan(0, target), .. stretch, .. bytes.AsSpan(target)];
                    break;
                case 5:
                    bytes = [.. bytes.AsSpan(0, position), .. bytes.AsSpan(Math.Min(bytes.Length, position + random.Next(1, 20)))];
                    if (bytes.Length == 0)
                        bytes = [0];
                    break;
                default:
                    // A number of many digits in the place of a short one.
                    byte[] large = [0xff, 0xff, 0xff, 0xff, (byte)random.Next(128)];
                    large.AsSpan(0, Math.Min(large.Length, bytes.Length - position)).CopyTo(bytes.AsSpan(position));
                    break;
            }
        }

        return bytes;
    }
}
