using System.Runtime.InteropServices;
using Subp.Core.Diagnostics;
using Subp.Training.TorchSharp.Natives;

namespace Subp.Training.TorchSharp.Tests.Natives;

public sealed class OlderRuntimeLibraryTests : IDisposable
{
    private static readonly string[] Versions = ["GLIBCXX_3.4.9", "GLIBCXX_3.4.32", "CXXABI_1.3", "GLIBCXX_3.4.30"];

    private readonly string _folder = Directory.CreateTempSubdirectory("subp-natives-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_marker_becomes_a_function_of_every_system_and_its_version_one_that_older_systems_have()
    {
        byte[] library = SyntheticElf.Write(
            Versions,
            [("other", "GLIBCXX_3.4.30", false), (OlderRuntimeLibrary.Marker, "GLIBCXX_3.4.32", false), ("own", null, true)]
        );
        byte[] before = [.. library];
        Assert.True(OlderRuntimeLibrary.Adapt(library));

        var image = new ElfImage(library);
        Assert.Equal(
            ["GLIBCXX_3.4.9", "GLIBCXX_3.4.30", "CXXABI_1.3", "GLIBCXX_3.4.30"],
            image.NeededVersions.Select(version => version.Name)
        );
        Assert.Equal([(2, "sched_yield"), (3, "own")], image.SymbolsOf(1));
        Assert.Equal([(1, "other")], image.SymbolsOf(5));
        // The hash, the place of the name, the index of the symbol, and the name itself: nothing else moved.
        int changed = library.Zip(before).Count(pair => pair.First != pair.Second);
        Assert.InRange(changed, 1, 4 + 4 + 2 + OlderRuntimeLibrary.Marker.Length);
        Assert.False(OlderRuntimeLibrary.Adapt(library));
    }

    [Fact]
    public void A_library_that_does_not_need_the_marker_stays_as_it_is()
    {
        byte[] library = SyntheticElf.Write(["GLIBCXX_3.4.30"], [("other", "GLIBCXX_3.4.30", false)]);
        byte[] before = [.. library];
        Assert.False(OlderRuntimeLibrary.Adapt(library));
        Assert.Equal(before, library);
    }

    [Theory]
    [InlineData(true, 0, "_ZSt21ios_base_library_initv", "other")]
    [InlineData(false, 0, "another", "other")]
    [InlineData(false, 5, "_ZSt21ios_base_library_initv", "initv")]
    public void A_library_that_needs_more_of_the_version_is_refused(bool isDefined, int tail, string name, string last)
    {
        byte[] library = SyntheticElf.Write(Versions, [(name, "GLIBCXX_3.4.32", isDefined), (last, "GLIBCXX_3.4.30", false)], tail);
        Assert.Throws<InvalidDataException>(() => OlderRuntimeLibrary.Adapt(library));
    }

    [Fact]
    public void Damaged_libraries_are_refused_wherever_they_end()
    {
        byte[] library = SyntheticElf.Write(Versions, [(OlderRuntimeLibrary.Marker, "GLIBCXX_3.4.32", false)]);
        for (int length = 0; length < library.Length; length++)
            Assert.Throws<InvalidDataException>(() => OlderRuntimeLibrary.Adapt(library[..length]));
    }

    [Fact]
    public void The_library_of_the_package_needs_one_symbol_of_the_version_and_its_file_is_never_changed()
    {
        if (!OperatingSystem.IsLinux())
            return;

        string library = PackagedLibrary();
        byte[] before = File.ReadAllBytes(library);
        var cache = new LibraryCache(_folder);
        string copy = cache.Adapted(library)!;

        Assert.Equal(before, File.ReadAllBytes(library));
        Assert.DoesNotContain(
            new ElfImage(File.ReadAllBytes(copy)).NeededVersions,
            version => version.Name == OlderRuntimeLibrary.MarkerVersion
        );
        // A second process finds it, and a damaged copy is replaced.
        var time = File.GetLastWriteTimeUtc(copy);
        Assert.Equal((copy, time), (cache.Adapted(library), File.GetLastWriteTimeUtc(copy)));
        byte[] good = File.ReadAllBytes(copy);
        File.WriteAllBytes(copy, [1, 2, 3]);
        Assert.Equal(copy, cache.Adapted(library));
        Assert.Equal(good, File.ReadAllBytes(copy));
        Assert.Single(Directory.GetFiles(Path.GetDirectoryName(copy)!));
    }

    [Fact]
    public void The_log_says_that_an_adapted_copy_is_used_exactly_where_the_system_needs_one()
    {
        string? remark = new TorchSharpProvider().Remark;
        Assert.Equal(OlderRuntimeLibrary.IsHere(), remark is not null);
        Assert.DoesNotContain('\n', remark ?? "");
    }

    [Fact]
    public void A_folder_without_libraries_for_this_system_is_answered_with_SUBP0521()
    {
        var exception = Assert.Throws<SubpException>(() => LibTorch.Load(_folder, new LibraryCache(_folder)));
        Assert.Equal("SUBP0521", exception.Diagnostic.Descriptor.Id);
        Assert.Contains(RuntimeInformation.RuntimeIdentifier, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Libraries_of_another_system_are_answered_with_SUBP0521()
    {
        string[] names = OperatingSystem.IsWindows()
            ? ["c10.dll", "torch_cpu.dll", "torch.dll", "LibTorchSharp.dll"]
            : ["libc10", "libtorch_cpu", "libtorch", "libLibTorchSharp"];
        foreach (string name in names)
        {
            string ending =
                OperatingSystem.IsMacOS() ? ".dylib"
                : OperatingSystem.IsLinux() ? ".so"
                : "";
            File.WriteAllText(Path.Combine(_folder, name + ending), "MZ");
        }

        var exception = Assert.Throws<SubpException>(() => LibTorch.Load(_folder, new LibraryCache(_folder)));
        Assert.Equal("SUBP0521", exception.Diagnostic.Descriptor.Id);
    }

    private static string PackagedLibrary()
    {
        string folder = Path.GetDirectoryName(typeof(LibTorch).Assembly.Location)!;
        return Directory.GetFiles(folder, "libLibTorchSharp.so", SearchOption.AllDirectories).First();
    }
}
