using System.Text.RegularExpressions;
using SkiaSharp;
using Subp.Testing;

namespace Subp.Cli.Tests.Commands;

/// <summary>Training on a folder of images through the front door.</summary>
public sealed class ImageFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public ImageFolderTests()
    {
        foreach (var (part, count) in new[] { ("train", 12), ("val", 4) })
        {
            Write(part, "dark", count, level: 40);
            Write(part, "light", count, level: 200);
        }
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_run_stops_resumes_and_leaves_a_bundle_and_a_list_of_images_that_cannot_be_read()
    {
        File.WriteAllText(Path.Combine(_folder["images"], "train", "dark", "broken.jpg"), "text");
        var line = Line();
        var stopped = CommandLine.Run([.. line, "--max-steps", "1"]).Succeeds();
        Assert.Contains("stopped after 1 steps", stopped.Out, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(_folder["run"], "model.subp")));

        var done = CommandLine.Run([.. line, "--resume", "--json"]).Succeeds();
        Assert.Equal(1, done.Json().GetProperty("epochs").GetInt32());
        Assert.Equal(1, done.Json().GetProperty("testTopFive").GetDouble());
        Assert.Contains("warning SUBP0573: ", done.Error, StringComparison.Ordinal);
        Assert.Contains(
            "broken.jpg: a file of another kind",
            File.ReadAllText(Path.Combine(_folder["run"], "skipped-images.txt")),
            StringComparison.Ordinal
        );
        Assert.Contains("dark", File.ReadAllText(Path.Combine(_folder["run"], "model.subp")), StringComparison.Ordinal);

        CommandLine.Run([.. line, "--force", "--strict"]).Answers(2, "SUBP0572");
    }

    [Fact]
    public void The_list_of_images_that_cannot_be_read_is_there_when_a_run_fails_behind_its_first_epoch()
    {
        const string FullDisk = "/dev/full";
        if (!File.Exists(FullDisk))
            return;
        File.WriteAllText(Path.Combine(_folder["images"], "train", "dark", "broken.jpg"), "text");
        CommandLine.Run([.. Line(), "--max-steps", "1"]).Succeeds();
        var list = Path.Combine(_folder["run"], "skipped-images.txt");
        File.Delete(list);
        // The temporary file of the next checkpoint is the device that has no space.
        File.CreateSymbolicLink(Path.Combine(_folder["run"], "last.ckpt.tmp"), FullDisk);
        CommandLine.Run([.. Line(), "--resume"]).Answers(1, "SUBP0804");
        Assert.Contains("broken.jpg: a file of another kind", File.ReadAllText(list), StringComparison.Ordinal);
        Assert.Single(Directory.EnumerateFiles(_folder["run"], "*skipped*"));
    }

    [Fact]
    public void A_run_goes_on_with_the_files_and_labels_that_it_was_begun_with_only()
    {
        CommandLine.Run([.. Line(), "--max-steps", "1"]).Succeeds();
        // As many images of every class as before, two of them exchanged.
        var (dark, light) = (Path.Combine(_folder["images"], "train", "dark"), Path.Combine(_folder["images"], "train", "light"));
        File.Move(Path.Combine(dark, "03.png"), Path.Combine(light, "03 dark.png"));
        File.Move(Path.Combine(light, "04.png"), Path.Combine(dark, "04 light.png"));
        var refused = CommandLine.Run([.. Line(), "--resume", "--max-steps", "1"]).Answers(2, "SUBP0592");
        Assert.Contains("training labels with the sha256", refused.Error, StringComparison.Ordinal);
        Assert.Contains("put into another class", refused.Error, StringComparison.Ordinal);

        // A run of a version that did not know the labels of files.
        var data = Path.Combine(_folder["run"], "data.json");
        File.WriteAllText(data, Regex.Replace(File.ReadAllText(data), "Labels\": \"[0-9a-f]{64}\"", "Labels\": null"));
        CommandLine.Run([.. Line(), "--resume", "--max-steps", "1"]).Succeeds();
    }

    private string[] Line() =>
        [
            "train",
            "--model",
            "cifar-resnet20",
            "--data-dir",
            _folder["images"],
            "--image-size",
            "16",
            "--method",
            "dense",
            "--epochs",
            "1",
            "--batch-size",
            "8",
            "-o",
            _folder["run"],
        ];

    [Fact]
    public void Folders_presets_and_options_that_do_not_fit_are_refused()
    {
        string[] line = ["train", "--model", "resnet18", "--data-dir", _folder["images"], "-o", _folder["run"]];
        CommandLine.Run([.. line, "--recipe", "resnet50-66/128"]).Answers(2, "SUBP0574");
        CommandLine.Run([.. line, "--resize", "100"]).Answers(1, "SUBP0801");
        CommandLine.Run("train", "--strict", "-o", _folder["run"]).Answers(1, "SUBP0801");
        Directory.Delete(Path.Combine(_folder["images"], "val", "dark"), recursive: true);
        CommandLine.Run(line).Answers(2, "SUBP0570");
    }

    private void Write(string part, string name, int count, byte level)
    {
        var folder = Path.Combine(_folder["images"], part, name);
        Directory.CreateDirectory(folder);
        for (var image = 0; image < count; image++)
        {
            using var bitmap = new SKBitmap(20, 24, SKColorType.Rgba8888, SKAlphaType.Opaque);
            bitmap.Erase(new SKColor(level, (byte)(level + image), level));
            using var data = bitmap.Encode(SKEncodedImageFormat.Png, 100);
            File.WriteAllBytes(Path.Combine(folder, FormattableString.Invariant($"{image:D2}.png")), data.ToArray());
        }
    }
}
