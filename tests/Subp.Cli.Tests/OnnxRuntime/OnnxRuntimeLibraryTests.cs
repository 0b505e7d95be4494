using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Xml.Linq;
using Subp.Core.Diagnostics;
using Subp.Testing;
using Subp.Tooling.OnnxRuntime;

namespace Subp.Cli.Tests.OnnxRuntime;

/// <summary>Finding and loading the library, and files that are not it.</summary>
public sealed unsafe class OnnxRuntimeLibraryTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_library_that_does_not_exist_ends_verify_before_anything_is_compiled()
    {
        var subp = TinyClassifier.Write(_folder);
        var answer = CommandLine.Run("verify", subp, "--onnxruntime-lib", _folder["none.so"]).Answers(1, "SUBP0803");
        Assert.DoesNotContain("compiling", answer.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_without_the_library_is_answered_with_the_command_that_gets_it()
    {
        var answer = CommandLine.Run("verify", TinyClassifier.Write(_folder), "--onnxruntime-lib", _folder.Path).Answers(1, "SUBP0810");
        Assert.Contains("a folder without it", answer.Error, StringComparison.Ordinal);
        Assert.Contains(OnnxRuntimeLibrary.DownloadCommand, answer.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void The_command_that_gets_the_library_gets_the_version_of_the_managed_half()
    {
        var props = XDocument.Load(Path.Combine(RepositoryRoot.Path, "Directory.Packages.props"));
        var versions = props
            .Descendants("PackageVersion")
            .Where(element => element.Attribute("Include")!.Value.StartsWith("Microsoft.ML.OnnxRuntime", StringComparison.Ordinal))
            .Select(element => element.Attribute("Version")!.Value);
        Assert.Equal([OnnxRuntimeLibrary.PackageVersion, OnnxRuntimeLibrary.PackageVersion], versions);
        Assert.Equal(OnnxRuntimeLibrary.PackageVersion, OnnxRuntimeLibrary.Load(OnnxRuntimePackage.Library).Version);
    }

    [Fact]
    public void The_library_of_this_system_is_found_in_unpacked_packages_and_that_of_our_version_is_preferred()
    {
        var file = Path.GetRelativePath(AppContext.BaseDirectory, OnnxRuntimePackage.Library);
        foreach (var version in new[] { OnnxRuntimeLibrary.PackageVersion, "9.9.9" })
        {
            foreach (var system in new[] { file, Path.Combine("runtimes", "elsewhere-x64", "native", Path.GetFileName(file)) })
            {
                var path = _folder[Path.Combine("microsoft.ml.onnxruntime", version, system)];
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                File.WriteAllText(path, "");
            }
        }

        var wanted = _folder[Path.Combine("microsoft.ml.onnxruntime", OnnxRuntimeLibrary.PackageVersion, file)];
        Assert.Equal(wanted, OnnxRuntimeFiles.Find(_folder.Path));
        File.Delete(wanted);
        Assert.Equal(_folder[Path.Combine("microsoft.ml.onnxruntime", "9.9.9", file)], OnnxRuntimeFiles.Find(_folder.Path));
    }

    [Fact]
    public void A_process_has_room_for_one_library()
    {
        OnnxRuntimeLibrary.Load(OnnxRuntimePackage.Library);
        File.Copy(OnnxRuntimePackage.Library, _folder["other.so"]);
        Assert.Throws<InvalidOperationException>(() => OnnxRuntimeLibrary.Load(_folder["other.so"]));
    }

    [Fact]
    public void A_file_that_is_no_library_is_refused()
    {
        File.WriteAllText(_folder["text.so"], "not a library");
        CommandLine.Run("verify", TinyClassifier.Write(_folder), "--onnxruntime-lib", _folder["text.so"]).Answers(1, "SUBP0810");
    }

    [Fact]
    public void A_library_without_the_entry_point_is_refused()
    {
        // A library that every .NET has.
        var other = Directory
            .EnumerateFiles(RuntimeEnvironment.GetRuntimeDirectory(), "*System.Native.*")
            .First(file => Path.GetExtension(file) is ".so" or ".dylib" or ".dll");
        var exception = Assert.Throws<SubpException>(() => OnnxRuntimeLibrary.Load(other));
        Assert.Equal(DiagnosticDescriptors.OnnxRuntimeLibrary, exception.Diagnostic.Descriptor);
        Assert.Contains("without OrtGetApiBase", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_version_that_lacks_the_interface_is_named()
    {
        nint* entries = stackalloc nint[]
        {
            (nint)(delegate* unmanaged<uint, nint>)&NoInterface,
            (nint)(delegate* unmanaged<nint>)&Version,
        };
        var exception = Assert.Throws<SubpException>(Create(entries));
        Assert.Equal("old.so", exception.Diagnostic.Location);
        Assert.Equal("version 1.10.0", exception.Diagnostic.Found);
        static Action Create(nint* entries)
        {
            var address = (nint)entries;
            return () => OnnxRuntimeLibrary.RequireInterface("old.so", address);
        }
    }

    [UnmanagedCallersOnly]
    private static nint NoInterface(uint version) => 0;

    [UnmanagedCallersOnly]
    private static nint Version() => (nint)Unsafe.AsPointer(ref MemoryMarshal.GetReference("1.10.0\0"u8));
}
