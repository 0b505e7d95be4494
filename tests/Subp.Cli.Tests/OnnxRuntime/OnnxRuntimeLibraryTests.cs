using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Subp.Cli.OnnxRuntime;
using Subp.Core.Diagnostics;

namespace Subp.Cli.Tests.OnnxRuntime;

/// <summary>Files that are not ONNX Runtime; no test here needs it.</summary>
public sealed unsafe class OnnxRuntimeLibraryTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_library_that_does_not_exist_ends_verify_before_anything_is_compiled()
    {
        var subp = TinyNetwork.Write(_folder);
        var answer = CommandLine.Run("verify", subp, "--onnxruntime-lib", _folder["none.so"]).Answers(1, "SUBP0803");
        Assert.DoesNotContain("compiling", answer.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_no_library_is_refused()
    {
        File.WriteAllText(_folder["text.so"], "not a library");
        CommandLine.Run("verify", TinyNetwork.Write(_folder), "--onnxruntime-lib", _folder["text.so"]).Answers(1, "SUBP0810");
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
            return () => OnnxRuntimeLibrary.Create("old.so", address);
        }
    }

    [UnmanagedCallersOnly]
    private static nint NoInterface(uint version) => 0;

    [UnmanagedCallersOnly]
    private static nint Version() => (nint)Unsafe.AsPointer(ref MemoryMarshal.GetReference("1.10.0\0"u8));
}
