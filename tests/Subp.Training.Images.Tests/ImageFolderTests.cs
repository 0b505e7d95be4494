using Subp.Core.Diagnostics;
using Subp.Training.Images.Folders;

namespace Subp.Training.Images.Tests;

public sealed class ImageFolderTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("subp-folder-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Classes_and_files_are_in_ordinal_order_and_other_files_are_no_images()
    {
        foreach (string file in new[] { "b/2.jpg", "b/10.JPEG", "B/x.png", "b/notes.txt", "readme.txt" })
            Put(file);

        var folder = ImageFolder.Read(_root);
        Assert.Equal(["B", "b"], folder.ClassNames);
        Assert.Equal(["x.png", "10.JPEG", "2.jpg"], folder.Files.Select(file => Path.GetFileName(file.Path)));
        Assert.Equal([0, 1, 1], folder.Files.Select(file => file.Label));
    }

    [Fact]
    public void A_part_of_a_folder_takes_from_every_class_in_turns()
    {
        foreach (string file in new[] { "a/1.jpg", "a/2.jpg", "a/3.jpg", "b/1.jpg" })
            Put(file);

        var part = ImageFolder.Read(_root).Take(3);
        Assert.Equal([(0, "1.jpg"), (0, "2.jpg"), (1, "1.jpg")], part.Files.Select(file => (file.Label, Path.GetFileName(file.Path))));
    }

    [Fact]
    public void Folders_that_are_no_data_set_are_refused()
    {
        AssertRefused(Path.Combine(_root, "missing"), "no folder");
        AssertRefused(_root, "no folders in it");
        Put("a/1.jpg");
        AssertRefused(_root, "one class, 'a'");
        Directory.CreateDirectory(Path.Combine(_root, "b"));
        AssertRefused(_root, "no image in it");
    }

    [Fact]
    public void Parts_with_different_classes_are_refused()
    {
        foreach (string file in new[] { "train/a/1.jpg", "train/b/1.jpg", "val/a/1.jpg", "val/c/1.jpg" })
            Put(file);

        var training = ImageFolder.Read(Path.Combine(_root, "train"));
        var validation = ImageFolder.Read(Path.Combine(_root, "val"));
        var refusal = Assert.Throws<SubpException>(() => training.RequireSameClasses(validation)).Diagnostic;
        Assert.Equal("SUBP0571", refusal.Descriptor.Id);
        Assert.Equal("no class 'b'", refusal.Found);
    }

    private static void AssertRefused(string root, string found)
    {
        var refusal = Assert.Throws<SubpException>(() => ImageFolder.Read(root)).Diagnostic;
        Assert.Equal(("SUBP0570", found), (refusal.Descriptor.Id, refusal.Found));
    }

    private void Put(string file)
    {
        string path = Path.Combine(_root, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, "");
    }
}
