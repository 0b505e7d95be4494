using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using Subp.Compiler;
using Subp.Compiler.Emission;
using Subp.Compiler.Planning;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Sparsity;
using Subp.Core.Weights;
using Subp.Testing;
using Xunit;

namespace Subp.Roslyn.Tests.Kernels;

/// <summary>
/// What a debugger needs to step into a kernel and show its registers: lines of a source it has, and named locals in scopes.
/// </summary>
public sealed class DebuggingTests
{
    [Theory]
    [InlineData(UnrollMode.Full, "_Group0", "sum0 sum1")]
    [InlineData(UnrollMode.Taps, "_Tile", "sum0 sum1 block")]
    [InlineData(UnrollMode.Never, "_Tile", "sum0 sum1 kernelRow kernelColumn tap")]
    public void A_debugger_can_step_into_a_kernel_line_by_line_and_name_its_registers(UnrollMode unroll, string method, string registers)
    {
        var (files, compiled) = Compile(unroll);
        using var image = new PEReader(new MemoryStream(compiled.Assembly));
        using var provider = MetadataReaderProvider.FromPortablePdbStream(new MemoryStream(compiled.Pdb));
        var (metadata, symbols) = (image.GetMetadataReader(), provider.GetMetadataReader());
        var kernels = metadata
            .MethodDefinitions.Where(handle =>
                metadata.GetString(metadata.GetMethodDefinition(handle).Name).Contains("Layer01_Conv" + method, StringComparison.Ordinal)
            )
            .ToArray();
        Assert.True(kernels.Length >= 3, "There is a kernel for every instruction set.");
        Assert.Equal(3, files.Count);
        foreach (var kernel in kernels)
        {
            var information = symbols.GetMethodDebugInformation(kernel);
            var name = symbols.GetString(symbols.GetDocument(information.Document).Name);
            var lines = files.Single(file => file.Name == name).Text.Split('\n');
            var steps = information.GetSequencePoints().Where(point => !point.IsHidden).ToArray();
            var multiplyAdds = steps.Count(point =>
                lines[point.StartLine - 1].Contains("sum0 = ", StringComparison.Ordinal)
                && lines[point.StartLine - 1].Contains("Multiply", StringComparison.Ordinal)
            );
            Assert.True(multiplyAdds > 0, "Each multiply-add is a step of its own.");
            Assert.Equal(steps.Length, steps.Select(point => (point.StartLine, point.StartColumn)).Distinct().Count());
            var locals = symbols
                .GetLocalScopes(kernel)
                .SelectMany(scope => symbols.GetLocalScope(scope).GetLocalVariables())
                .Select(local => symbols.GetString(symbols.GetLocalVariable(local).Name))
                .ToArray();
            Assert.All(registers.Split(' '), register => Assert.Contains(register, locals));
            // One per tap where a kernel row is held, one for all taps elsewhere.
            Assert.Contains(locals, local => local is "weight" or "weight0");
        }
    }

    [Fact]
    public void The_assembly_finds_its_symbols_by_name_and_identity_without_a_path()
    {
        var (_, compiled) = Compile(UnrollMode.Taps);
        using var image = new PEReader(new MemoryStream(compiled.Assembly));
        using var provider = MetadataReaderProvider.FromPortablePdbStream(new MemoryStream(compiled.Pdb));
        var entry = image.ReadDebugDirectory().Single(entry => entry.Type == DebugDirectoryEntryType.CodeView);
        var codeView = image.ReadCodeViewDebugDirectoryData(entry);
        Assert.Equal("Net.pdb", codeView.Path);
        Assert.Equal(
            new BlobContentId(provider.GetMetadataReader().DebugMetadataHeader!.Id),
            new BlobContentId(codeView.Guid, entry.Stamp)
        );
    }

    private static (IReadOnlyList<EmittedFile> Kernels, CompiledAssembly Compiled) Compile(UnrollMode unroll)
    {
        var builder = new GraphBuilder("net");
        var image = builder.Input("image", new TensorShape(1, 16, 4, 6));
        builder.Output(
            builder.Conv2d(
                "conv",
                image,
                16,
                Window.Square(3, padding: 1),
                bias: true,
                pattern: new BlockPattern(
                    16,
                    16,
                    [
                        [2, 9],
                    ]
                )
            )
        );
        var model = RandomWeights.For(builder.Build(), seed: 1);
        var plan = ModelPlanner.Plan(model.Graph, new CompileOptions { Unroll = unroll, ThreadCounts = [1] });
        var files = ModelEmitter.Emit(plan);
        return (
            [
                .. files.Where(file =>
                    file.Name.StartsWith("Net.Layer01_Conv.", StringComparison.Ordinal)
                    && !file.Name.EndsWith(".Tables.cs", StringComparison.Ordinal)
                ),
            ],
            ModelAssemblyCompiler.Compile(
                files,
                ModelBundle.Write(model).Safetensors,
                plan.ClassName,
                $"{plan.Options.Namespace}.{plan.ClassName}.safetensors"
            )
        );
    }
}
