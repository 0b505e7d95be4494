using System.Runtime.InteropServices;
using Subp.Roslyn;
using Subp.Testing;

namespace Subp.Cli.Tests.Commands;

/// <summary>Weights of PyTorch through the front door: imported, compiled, exported.</summary>
public sealed class PyTorchTests : IDisposable
{
    private const int Pixels = 3 * 32 * 32;
    private static readonly string s_data = Path.Combine(RepositoryRoot.Path, "tests", "Subp.Training.Tests", "Data", "pytorch");
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_pth_file_compiles_to_a_model_that_computes_what_PyTorch_computes()
    {
        var subp = _folder["resnet18.subp"];
        CommandLine.Run("import", Data("resnet18-w4.pth"), "-o", subp, "--dim", "height=32", "--dim", "width=32").Succeeds();
        CommandLine.Run("compile", subp, "-o", _folder["out"]).Succeeds();
        AssertAgrees(Path.Combine(_folder["out"], "Resnet18.dll"));
    }

    [Fact]
    public void What_is_exported_from_a_bundle_computes_the_same_when_it_is_imported_again()
    {
        foreach (var format in new[] { "pth", "safetensors" })
        {
            var (subp, file) = (_folder["first.subp"], _folder[$"exported-{format}.{format}"]);
            CommandLine.Run("import", Data("resnet18-w4.pth"), "-o", subp, "--dim", "height=32", "--dim", "width=32", "--force").Succeeds();
            CommandLine.Run("export", subp, "--format", format, "-o", file).Succeeds();
            CommandLine.Run("import", file, "-o", _folder[$"{format}.subp"], "--dim", "height=32", "--dim", "width=32").Succeeds();
            CommandLine.Run("compile", _folder[$"{format}.subp"], "-o", _folder[$"out-{format}"]).Succeeds();
            AssertAgrees(Path.Combine(_folder[$"out-{format}"], "Resnet18.dll"));
        }
    }

    [Fact]
    public void Masks_of_a_SUBP_checkpoint_become_block_patterns_and_go_out_again()
    {
        var subp = _folder["sparse.subp"];
        var answer = CommandLine
            .Run("import", Data("resnet18-w4-subp.pth.tar"), "-o", subp, "--dim", "height=32", "--dim", "width=32", "--json")
            .Succeeds();
        Assert.Equal(16, answer.Json().GetProperty("blockSparseWeights").GetInt32());
        CommandLine.Run("export", subp, "--format", "pth", "--with-masks").Succeeds();
        var again = CommandLine.Run("import", _folder["sparse.pth"], "-o", _folder["again.subp"], "--json").Succeeds();
        Assert.Equal(16, again.Json().GetProperty("blockSparseWeights").GetInt32());
        Assert.Equal(answer.Json().GetProperty("keptWeights").GetInt64(), again.Json().GetProperty("keptWeights").GetInt64());
    }

    [Fact]
    public void Questions_that_weights_do_not_answer_and_options_of_other_kinds_are_refused()
    {
        CommandLine.Run("import", _folder["missing.pth"]).Answers(1, "SUBP0803");
        CommandLine.Run("import", Data("tensors.pth"), "-o", _folder["a.subp"]).Answers(2, "SUBP0564");
        CommandLine.Run("import", Data("resnet18-w4.pth"), "-o", _folder["a.subp"], "--model", "resnet50").Answers(2, "SUBP0563");
        CommandLine.Run("import", Data("resnet18-w4.pth"), "-o", _folder["a.subp"], "--dim", "depth=3").Answers(1, "SUBP0801");
        File.WriteAllText(_folder["net.onnx"], "");
        CommandLine.Run("import", _folder["net.onnx"], "--model", "resnet18").Answers(1, "SUBP0801");
        var tiny = TinyClassifier.Write(_folder);
        CommandLine.Run("export", tiny, "--format", "pth").Answers(2, "SUBP0566");
        CommandLine.Run("export", tiny, "--with-masks").Answers(1, "SUBP0801");
        CommandLine.Run("export", tiny, "--format", "safetensors", "-o", _folder["tiny.safetensors"], "--force").Answers(1, "SUBP0801");
        File.Copy(Data("tensors.pth"), _folder["renamed.safetensors"]);
        CommandLine.Run("import", _folder["renamed.safetensors"]).Answers(1, "SUBP0801");
    }

    private static string Data(string name) => Path.Combine(s_data, name);

    private static void AssertAgrees(string dll)
    {
        var values = MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(Data("resnet18-w4.expected"))).ToArray();
        var output = new float[values.Length - Pixels];
        using var model = LoadedModel.Load(dll);
        using var session = model.CreateSession();
        session.Run(values.AsSpan(0, Pixels), output);
        var tolerance = 1e-4f * values.Skip(Pixels).Max(Math.Abs);
        Assert.All(values.Skip(Pixels).Zip(output), pair => Assert.Equal(pair.First, pair.Second, tolerance));
    }
}
