using System.IO.Compression;
using FashionClassifier;

// Prints which garments the first ten test images of Fashion-MNIST show.
// usage: FashionConsole <folder with the idx files of the test set>
using var images = new GZipStream(File.OpenRead(Path.Combine(args[0], "t10k-images-idx3-ubyte.gz")), CompressionMode.Decompress);
images.ReadExactly(new byte[16]); // magic number, count, height, width

using var classifier = new GarmentClassifier();
var pixels = new byte[GarmentClassifier.Side * GarmentClassifier.Side];
for (int image = 0; image < 10; image++)
{
    images.ReadExactly(pixels);
    Console.WriteLine(classifier.Classify(pixels));
}
