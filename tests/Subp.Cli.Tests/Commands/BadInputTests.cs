using System.IO.Compression;
using Subp.Onnx;
using Subp.Testing;

namespace Subp.Cli.Tests.Commands;

/// <summary>Every kind of bad input, through the front door: a diagnostic, the documented exit code, nothing left behind.</summary>
public sealed class BadInputTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_truncated_subp_file_is_refused_with_its_place()
    {
        var subp = TinyClassifier.Write(_folder);
        File.WriteAllText(subp, File.ReadAllText(subp)[..^40]);
        var answer = CommandLine.Run("inspect", subp);
        Assert.Equal(2, answer.Code);
        Assert.Matches(@"tiny\.subp(\(\d+,\d+\))?: error SUBP0[12]\d\d: ", answer.Error);
    }

    [Fact]
    public void A_subp_file_of_random_bytes_is_refused()
    {
        var subp = TinyClassifier.Write(_folder);
        var bytes = new byte[4096];
        new Random(1).NextBytes(bytes);
        File.WriteAllBytes(subp, bytes);
        var answer = CommandLine.Run("compile", subp, "-o", _folder["out"]);
        Assert.Equal(2, answer.Code);
        Assert.Contains("error SUBP010", answer.Error, StringComparison.Ordinal);
        Assert.Equal(["tiny.safetensors", "tiny.subp"], _folder.Names);
    }

    [Fact]
    public void An_unknown_operator_is_named_and_the_nearest_is_suggested()
    {
        var subp = TinyClassifier.Write(_folder);
        File.WriteAllText(subp, File.ReadAllText(subp).Replace("global_avg_pool", "global_avg_poll", StringComparison.Ordinal));
        var answer = CommandLine.Run("inspect", subp).Answers(2, "SUBP0103");
        Assert.Contains("Did you mean 'global_avg_pool'?", answer.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Shapes_that_do_not_fit_are_refused()
    {
        var subp = TinyClassifier.Write(_folder);
        var text = File.ReadAllText(subp);
        var changed = text.Replace("[1,16,6,5]", "[1,8,6,5]", StringComparison.Ordinal);
        Assert.NotEqual(text, changed);
        File.WriteAllText(subp, changed);
        Assert.Equal(2, CommandLine.Run("inspect", subp).Code);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(100)]
    public void A_truncated_weights_file_is_refused(int length)
    {
        var subp = TinyClassifier.Write(_folder);
        var weights = _folder["tiny.safetensors"];
        File.WriteAllBytes(weights, File.ReadAllBytes(weights)[..length]);
        var answer = CommandLine.Run("export", subp);
        Assert.Equal(2, answer.Code);
        Assert.Contains("error SUBP030", answer.Error, StringComparison.Ordinal);
        Assert.Equal(["tiny.safetensors", "tiny.subp"], _folder.Names);
    }

    [Fact]
    public void A_hostile_header_length_is_refused()
    {
        var subp = TinyClassifier.Write(_folder);
        var weights = _folder["tiny.safetensors"];
        var bytes = File.ReadAllBytes(weights);
        bytes.AsSpan(0, 8).Fill(0xFF);
        File.WriteAllBytes(weights, bytes);
        Assert.Equal(2, CommandLine.Run("compile", subp, "-o", _folder["out"]).Code);
        Assert.Equal(["tiny.safetensors", "tiny.subp"], _folder.Names);
    }

    [Fact]
    public void Weights_with_another_hash_are_refused()
    {
        var subp = TinyClassifier.Write(_folder);
        TinyClassifier.Write(_folder, "other", seed: 2);
        CommandLine.Run("compile", subp, "--weights", _folder["other.safetensors"], "-o", _folder["out"]).Answers(2, "SUBP0304");
        Assert.DoesNotContain("out", _folder.Names);
    }

    [Fact]
    public void Weights_that_hold_NaN_are_refused()
    {
        var subp = TinyClassifier.Write(_folder);
        var weights = _folder["tiny.safetensors"];
        var bytes = File.ReadAllBytes(weights);
        BitConverter.TryWriteBytes(bytes.AsSpan(bytes.Length - 4), float.NaN);
        File.WriteAllBytes(weights, bytes);
        // The hash would be reported first: it is taken out, as a user who edits weights would have to.
        File.WriteAllText(
            subp,
            string.Join('\n', File.ReadAllLines(subp).Select(line => line.StartsWith("weights ", StringComparison.Ordinal) ? "" : line))
        );
        var answer = CommandLine.Run("inspect", subp);
        Assert.Equal(2, answer.Code);
        Assert.Contains("error SUBP030", answer.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_network_with_NaN_in_an_onnx_file_is_refused_and_nothing_is_written()
    {
        var model = TinyClassifier.Build();
        model.Weights["conv.weight"].Values[0] = float.NaN;
        File.WriteAllBytes(_folder["nan.onnx"], OnnxExporter.Export(model));
        CommandLine.Run("import", _folder["nan.onnx"]).Answers(2, "SUBP0305");
        Assert.Equal(["nan.onnx"], _folder.Names);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(50)]
    [InlineData(-20)]
    public void A_truncated_onnx_file_is_refused_and_nothing_is_written(int length)
    {
        var bytes = OnnxExporter.Export(TinyClassifier.Build());
        File.WriteAllBytes(_folder["cut.onnx"], bytes[..(length < 0 ? bytes.Length + length : length)]);
        var answer = CommandLine.Run("import", _folder["cut.onnx"]);
        Assert.Equal(2, answer.Code);
        Assert.Contains("error SUBP04", answer.Error, StringComparison.Ordinal);
        Assert.Equal(["cut.onnx"], _folder.Names);
    }

    [Fact]
    public void An_unsupported_onnx_operator_is_named()
    {
        // The name of the operator is replaced by one of the same length, which keeps the message well formed.
        var bytes = OnnxExporter.Export(TinyClassifier.Build());
        var at = bytes.AsSpan().IndexOf("GlobalAveragePool"u8);
        Assert.True(at > 0);
        "GlobalWishfulPool"u8.CopyTo(bytes.AsSpan(at));
        File.WriteAllBytes(_folder["wish.onnx"], bytes);
        var answer = CommandLine.Run("compile", _folder["wish.onnx"], "-o", _folder["out"]).Answers(2, "SUBP0403");
        Assert.Contains("GlobalWishfulPool", answer.Error, StringComparison.Ordinal);
        Assert.Equal(["wish.onnx"], _folder.Names);
    }

    [Fact]
    public void Truncated_images_are_refused()
    {
        Write("t10k-images-idx3-ubyte.gz", [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 28, 0, 0, 0, 28, 1, 2, 3]);
        Write("t10k-labels-idx1-ubyte.gz", [0, 0, 8, 1, 0, 0, 0, 2, 1, 2]);
        var answer = CommandLine.Run("eval", TinyClassifier.Write(_folder), "--data-dir", _folder.Path);
        Assert.Equal(2, answer.Code);
        Assert.Contains("error SUBP05", answer.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Images_that_are_not_compressed_data_are_refused()
    {
        File.WriteAllText(_folder["t10k-images-idx3-ubyte.gz"], "not gzip at all");
        var answer = CommandLine.Run("eval", TinyClassifier.Write(_folder), "--data-dir", _folder.Path);
        Assert.Equal(2, answer.Code);
        Assert.Contains("error SUBP05", answer.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_data_folder_without_images_is_refused() =>
        Assert.Equal(2, CommandLine.Run("train", "--data-dir", _folder["nowhere"], "-o", _folder["run"]).Code);

    [Fact]
    public void Channels_that_are_not_divisible_name_layer_channels_N_and_the_nearest_legal_N()
    {
        var answer = CommandLine.Run("bench", "--layer", "16x40k3s1h6w6", "--block-length", "16").Answers(2, "SUBP0206");
        foreach (var part in new[] { "'layer'", "40 output channels", "N = 16", "N = 20" })
            Assert.Contains(part, answer.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_recipe_with_an_unknown_name_is_refused()
    {
        File.WriteAllText(_folder["recipe.json"], """{ "epochz": 3 }""");
        CommandLine.Run("train", "--config", _folder["recipe.json"], "-o", _folder["run"]).Answers(2, "SUBP0505");
        Assert.Equal(["recipe.json"], _folder.Names);
    }

    [Fact]
    public void A_file_that_is_no_compiled_model_is_refused()
    {
        File.WriteAllText(_folder["text.dll"], "hello");
        CommandLine.Run("run", _folder["text.dll"]).Answers(2, "SUBP0612");
        CommandLine.Run("inspect", typeof(BadInputTests).Assembly.Location).Answers(2, "SUBP0612");
    }

    [Fact]
    public void A_missing_input_is_refused() => CommandLine.Run("compile", _folder["none.subp"]).Answers(1, "SUBP0803");

    [Fact]
    public void Missing_weights_are_refused()
    {
        var subp = TinyClassifier.Write(_folder);
        File.Delete(_folder["tiny.safetensors"]);
        CommandLine.Run("inspect", subp).Answers(1, "SUBP0803");
    }

    [Fact]
    public void A_file_of_another_kind_is_refused()
    {
        File.WriteAllText(_folder["model.pth"], "");
        CommandLine.Run("compile", _folder["model.pth"]).Answers(1, "SUBP0806");
        CommandLine.Run("run", TinyClassifier.Write(_folder)).Answers(1, "SUBP0806");
    }

    private void Write(string name, byte[] content)
    {
        using var file = File.Create(_folder[name]);
        using var gzip = new GZipStream(file, CompressionLevel.Fastest);
        gzip.Write(content);
    }
}
