using System.Runtime.CompilerServices;
using Subp.Compiler;
using Subp.Core.Diagnostics;
using Subp.Roslyn.Tests.Models;
using Xunit;

namespace Subp.Roslyn.Tests;

public sealed class LoadedModelTests
{
    private static readonly CompiledAssembly s_compiled = HandWrittenModel.Compile();

    [Fact]
    public void Metadata_comes_through_as_it_was()
    {
        using var model = LoadedModel.Load(s_compiled);
        Assert.Equal("hand <written> model", model.ModelName);
        Assert.Equal("pixels", model.InputName);
        Assert.Equal("show", model.OutputName);
        Assert.Equal([1, 96], model.InputShape);
        Assert.Equal([1, HandWrittenModel.OutputLength], model.OutputShape);
        Assert.Equal(96, model.InputLength);
        Assert.Equal(HandWrittenModel.OutputLength, model.OutputLength);
        Assert.Equal(["shirt", "\"coat\"\n", "größe"], model.ClassNames);
        Assert.Equal([0.2860f], model.NormalizationMean);
        Assert.Equal([0.3530f], model.NormalizationDeviation);
        Assert.Equal(64, model.StructureHash.Length);
        Assert.Equal(4096, model.ArenaBytes);
        Assert.Equal("--isa avx512,avx2,portable --threads 1,2,3 --unroll auto", model.CompileOptions);
        Assert.Equal([1, 2, 3], model.SupportedThreadCounts);
        Assert.Equal(["copy", "show"], model.LayerNames);
        Assert.Equal([InstructionSet.Avx512, InstructionSet.Avx2, InstructionSet.Portable], model.InstructionSets);
        Assert.True(model.IsSupported(model.BestInstructionSet));
        // 5 of 15 blocks of a weight of 480 elements are kept.
        var elements = HandWrittenModel
            .Graph.Parameters.Where(parameter => parameter.Shape.Rank > 1)
            .Sum(parameter => parameter.Shape.ElementCount);
        Assert.Equal(320.0 / elements, model.Sparsity, precision: 6);
    }

    [Fact]
    public void A_model_loads_from_a_file_that_stays_free()
    {
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName() + ".dll");
        File.WriteAllBytes(path, s_compiled.Assembly);
        using (var model = LoadedModel.Load(path))
        {
            File.Delete(path);
            using var session = model.CreateSession(1);
            SessionTests.AssertCopies(session, seed: 4);
        }
    }

    [Fact]
    public void A_model_that_is_compiled_to_a_file_and_mapped_is_the_one_in_memory()
    {
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName() + ".dll");
        using (var file = new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite))
            HandWrittenModel.Compile(file);
        Assert.Equal(s_compiled.Assembly, File.ReadAllBytes(path));
        using (var model = LoadedModel.Map(path))
        {
            if (!OperatingSystem.IsWindows())
                File.Delete(path);
            using var session = model.CreateSession(1);
            SessionTests.AssertCopies(session, seed: 4);
        }
    }

    [Fact]
    public void A_file_that_is_no_assembly_is_refused()
    {
        var error = Assert.Throws<SubpException>(() => LoadedModel.Load(new CompiledAssembly([1, 2, 3, 4], [], [])));
        Assert.Equal("SUBP0612", error.Diagnostic.Descriptor.Id);
    }

    [Fact]
    public void An_assembly_without_a_model_is_refused()
    {
        var error = Assert.Throws<SubpException>(() => LoadedModel.Load(typeof(LoadedModel).Assembly.Location));
        Assert.Equal("SUBP0612", error.Diagnostic.Descriptor.Id);
        Assert.Contains("names no model class", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_disposed_model_is_unloaded()
    {
        var type = LoadRunAndDispose();
        for (var attempt = 0; attempt < 20 && type.IsAlive; attempt++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.False(type.IsAlive);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference LoadRunAndDispose()
    {
        using var model = LoadedModel.Load(s_compiled);
        using (var session = model.CreateSession(2))
            SessionTests.AssertCopies(session, seed: 1);
        return new WeakReference(model.ModelType);
    }
}
