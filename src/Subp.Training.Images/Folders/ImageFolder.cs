using System.Security.Cryptography;
using System.Text;
using Subp.Core.Diagnostics;

namespace Subp.Training.Images.Folders;

/// <summary>One image of a folder.</summary>
/// <param name="Path">The file.</param>
/// <param name="Label">The class.</param>
public sealed record ImageFile(string Path, int Label);

/// <summary>
/// A folder with one folder of images per class. Classes and files are in ordinal order of their names, so that labels and seeds mean the
/// same on every machine.
/// </summary>
/// <param name="Root">The folder.</param>
/// <param name="ClassNames">The names of the folders in it.</param>
/// <param name="Files">The images, class by class.</param>
public sealed record ImageFolder(string Root, IReadOnlyList<string> ClassNames, IReadOnlyList<ImageFile> Files)
{
    private static readonly string[] s_endings = [".jpg", ".jpeg", ".png"];

    /// <summary>Lists a folder. Files of other endings, and files beside the class folders, are no images.</summary>
    /// <exception cref="SubpException">SUBP0570: the folder is not there, has fewer than two classes, or a class without
    /// images.</exception>
    public static ImageFolder Read(string root)
    {
        if (!Directory.Exists(root))
            throw Invalid(root, "no folder");

        string[] classes = [.. Directory.EnumerateDirectories(root).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal)];
        if (classes.Length < 2)
            throw Invalid(root, classes.Length == 0 ? "no folders in it" : $"one class, '{classes[0]}'");

        var files = new List<ImageFile>();
        for (int label = 0; label < classes.Length; label++)
        {
            string folder = Path.Combine(root, classes[label]);
            int before = files.Count;
            files.AddRange(
                Directory
                    .EnumerateFiles(folder)
                    .Where(path => s_endings.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase))
                    .Order(StringComparer.Ordinal)
                    .Select(path => new ImageFile(path, label))
            );
            if (files.Count == before)
                throw Invalid(folder, "no image in it");
        }

        return new ImageFolder(root, classes, files);
    }

    /// <summary>Requires two folders to have the same classes, so that a label means the same in both.</summary>
    /// <exception cref="SubpException">SUBP0571: they have not.</exception>
    public void RequireSameClasses(ImageFolder other)
    {
        string? missing = ClassNames.Except(other.ClassNames, StringComparer.Ordinal).FirstOrDefault();
        string? extra = other.ClassNames.Except(ClassNames, StringComparer.Ordinal).FirstOrDefault();
        if (missing is not null || extra is not null)
            throw new SubpException(
                DiagnosticDescriptors.ImageClassesDiffer,
                other.Root,
                missing is not null ? $"no class '{missing}'" : $"the class '{extra}'",
                FormattableString.Invariant($"the {ClassNames.Count} classes of {Root}"),
                "Put the images of both parts into folders of the same names."
            );
    }

    /// <summary>The first images of every class, in turns, as long as there are some left.</summary>
    public ImageFolder Take(int count)
    {
        var byClass = Files.GroupBy(file => file.Label).Select(files => files.ToArray()).ToArray();
        var chosen = new List<ImageFile>();
        for (int round = 0; chosen.Count < count && byClass.Any(files => round < files.Length); round++)
            chosen.AddRange(byClass.Where(files => round < files.Length).Select(files => files[round]).Take(count - chosen.Count));

        return this with
        {
            Files = [.. chosen.OrderBy(file => file.Label).ThenBy(file => file.Path, StringComparer.Ordinal)],
        };
    }

    /// <summary>The sha256 of the paths of the images in the folder, each with its label, in their order.</summary>
    internal string HashLabels()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        // No name has a 0 in it, and the separator is the same on every system.
        foreach (var file in Files)
            hash.AppendData(
                Encoding.UTF8.GetBytes(
                    FormattableString.Invariant($"{file.Label}\0{ClassNames[file.Label]}/{Path.GetFileName(file.Path)}\0")
                )
            );
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static SubpException Invalid(string place, string found) =>
        new(
            DiagnosticDescriptors.ImageFolderInvalid,
            place,
            found,
            "two or more folders of .jpg, .jpeg or .png files, one folder for each class",
            "The layout is that of ImageNet: train/<class>/<image>.jpg and val/<class>/<image>.jpg."
        );
}
