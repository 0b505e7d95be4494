using System.Globalization;
using System.IO.Compression;
using Wardrobe;

// Classifies test images of Fashion-MNIST by a network of bytes that takes pixels as they are in the file, and prints the first ten and the
// share that was right.
// usage: byte-classifier <folder with the idx files of the test set> [images]
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
string folder = args[0];
int count = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 2000;

using var images = new GZipStream(File.OpenRead(Path.Combine(folder, "t10k-images-idx3-ubyte.gz")), CompressionMode.Decompress);
using var labels = new GZipStream(File.OpenRead(Path.Combine(folder, "t10k-labels-idx1-ubyte.gz")), CompressionMode.Decompress);
images.ReadExactly(new byte[16]); // magic number, count, height, width
labels.ReadExactly(new byte[8]); // magic number, count

var pixels = new byte[FashionInt8.InputLength];
var scores = new float[FashionInt8.OutputLength];
using var session = FashionInt8.Instance.CreateSession(threads: 1);

int right = 0;
for (int image = 0; image < count; image++)
{
    images.ReadExactly(pixels);
    session.Run(pixels, scores);

    int found = Array.IndexOf(scores, scores.Max()),
        expected = labels.ReadByte();
    right += found == expected ? 1 : 0;
    if (image < 10)
        Console.WriteLine(
            $"{FashionInt8.ClassNames[found].PadRight(10)}  {(found == expected ? "right" : "wrong: " + FashionInt8.ClassNames[expected])}"
        );
}

Console.WriteLine($"{right} of {count} right, {100.0 * right / count:F2} %, {session.InstructionSet}");
