using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Weights;
using Subp.Testing;

namespace Subp.Cli.Tests.Commands;

/// <summary>The commands around one compiled model, on a network that compiles in a moment.</summary>
public sealed class ModelCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Compile_writes_the_assembly_its_symbols_its_documentation_and_on_request_sources_and_dumps()
    {
        var subp = TinyClassifier.Write(_folder);
        var answer = CommandLine
            .Run("compile", subp, "-o", _folder["Tiny.dll"], "--threads", "1", "--emit-source", "--dump-passes", _folder["passes"])
            .Succeeds();
        Assert.StartsWith(_folder["Tiny.dll"], answer.Out, StringComparison.Ordinal);
        Assert.Equal(["Tiny.dll", "Tiny.pdb", "Tiny.src", "Tiny.xml", "passes", "tiny.safetensors", "tiny.subp"], _folder.Names);
        Assert.Contains(Directory.EnumerateFiles(_folder["Tiny.src"]), file => file.EndsWith("Tiny.cs", StringComparison.Ordinal));
        Assert.Contains(
            Directory.EnumerateFiles(_folder["passes"]),
            file => file.EndsWith("01-drop-dead-nodes.subp", StringComparison.Ordinal)
        );
        Assert.Contains("info SUBP0621: ", answer.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Compiling_twice_and_in_another_culture_gives_the_same_bytes()
    {
        var subp = TinyClassifier.Write(_folder);
        CommandLine.Run("compile", subp, "-o", _folder["a/Tiny.dll"], "--threads", "1,2", "--emit-source").Succeeds();
        var culture = System.Globalization.CultureInfo.DefaultThreadCurrentCulture;
        try
        {
            System.Globalization.CultureInfo.DefaultThreadCurrentCulture = new System.Globalization.CultureInfo("de-DE");
            CommandLine.Run("compile", subp, "-o", _folder["b/Tiny.dll"], "--threads", "1,2", "--emit-source").Succeeds();
        }
        finally
        {
            System.Globalization.CultureInfo.DefaultThreadCurrentCulture = culture;
        }

        var files = Directory.EnumerateFiles(_folder["a"], "*", SearchOption.AllDirectories).ToArray();
        Assert.True(files.Length > 4);
        foreach (var file in files)
            Assert.Equal(File.ReadAllBytes(file), File.ReadAllBytes(Path.Combine(_folder["b"], Path.GetRelativePath(_folder["a"], file))));
    }

    [Fact]
    public void A_dry_run_prints_the_kernels_and_writes_nothing()
    {
        var subp = TinyClassifier.Write(_folder);
        Assert.Contains(
            "f32_spconv3x3s1",
            CommandLine.Run("compile", subp, "--dry-run", "-o", _folder["out"]).Succeeds().Out,
            StringComparison.Ordinal
        );
        Assert.Equal(["tiny.safetensors", "tiny.subp"], _folder.Names);
    }

    [Fact]
    public void A_bundle_survives_the_way_through_onnx()
    {
        var subp = TinyClassifier.Write(_folder);
        CommandLine.Run("export", subp, "-o", _folder["tiny.onnx"]).Succeeds();
        CommandLine.Run("import", _folder["tiny.onnx"], "-o", _folder["back.subp"]).Succeeds();
        var back = CommandLine.Run("inspect", _folder["back.subp"], "--json").Succeeds().Json();
        var original = CommandLine.Run("inspect", subp, "--json").Succeeds().Json();
        Assert.Equal(original.GetProperty("keptMacs").GetInt64(), back.GetProperty("keptMacs").GetInt64());
        Assert.True(back.GetProperty("keptMacs").GetInt64() < back.GetProperty("denseMacs").GetInt64());
    }

    [Fact]
    public void Verify_agrees_with_the_bundle_a_model_was_compiled_from()
    {
        var subp = TinyClassifier.Write(_folder);
        CommandLine.Run("compile", subp, "-o", _folder["Tiny.dll"], "--threads", "1,2").Succeeds();
        var verdict = CommandLine.Run("verify", _folder["Tiny.dll"], "--random", "3", "--json").Succeeds().Json();
        Assert.True(verdict.GetProperty("passed").GetBoolean());
        var sessions = verdict.GetProperty("sessions").EnumerateArray().ToArray();
        Assert.Contains(
            sessions,
            session => session.GetProperty("instructionSet").GetString() == "portable" && session.GetProperty("threads").GetInt32() == 2
        );
        Assert.All(sessions, session => Assert.InRange(session.GetProperty("maximumError").GetDouble(), 0, 1e-5));
    }

    [Fact]
    public void Weights_beside_the_assembly_are_written_and_found_again()
    {
        var subp = TinyClassifier.Write(_folder);
        CommandLine
            .Run("compile", subp, "-o", _folder["out/Tiny.dll"], "--threads", "1", "--isa", "portable", "--weights-location", "file")
            .Succeeds();
        Assert.Equal(File.ReadAllBytes(_folder["tiny.safetensors"]), File.ReadAllBytes(_folder["out/Tiny.safetensors"]));
        CommandLine.Run("verify", _folder["out/Tiny.dll"], "--reference", subp, "--random", "2").Succeeds();
    }

    [Fact]
    public void Verify_ends_with_4_and_names_what_drifted_where_the_weights_are_others()
    {
        var subp = TinyClassifier.Write(_folder);
        CommandLine.Run("compile", subp, "-o", _folder["Tiny.dll"], "--threads", "1").Succeeds();
        TinyClassifier.Write(_folder, seed: 2);
        var answer = CommandLine.Run(
            "verify",
            _folder["Tiny.dll"],
            "--reference",
            subp,
            "--random",
            "3",
            "--threads",
            "1",
            "--isa",
            "portable"
        );
        Assert.Equal(4, answer.Code);
        Assert.Contains("Tiny.dll, portable, 1 thread: error SUBP0702: ", answer.Error, StringComparison.Ordinal);
        Assert.Contains("FAILED", answer.Out, StringComparison.Ordinal);
    }

    [Fact]
    public void Verify_refuses_the_bundle_of_another_structure()
    {
        var subp = TinyClassifier.Write(_folder);
        CommandLine.Run("compile", subp, "-o", _folder["Tiny.dll"], "--threads", "1").Succeeds();
        var other = ModelBundle.Write(TinyClassifier.Build(inputChannels: 32));
        File.WriteAllText(_folder["other.subp"], other.SubpText);
        File.WriteAllBytes(_folder["other.safetensors"], other.Safetensors);
        CommandLine.Run("verify", _folder["Tiny.dll"], "--reference", _folder["other.subp"], "--random", "1").Answers(4, "SUBP0703");
    }

    [Fact]
    public void Verify_refuses_thread_counts_without_a_schedule()
    {
        var subp = TinyClassifier.Write(_folder);
        CommandLine.Run("compile", subp, "-o", _folder["Tiny.dll"], "--threads", "1").Succeeds();
        CommandLine.Run("verify", _folder["Tiny.dll"], "--threads", "1,2", "--random", "1").Answers(1, "SUBP0801");
    }

    [Fact]
    public void Run_reads_npy_files_and_raw_floats_and_refuses_other_lengths()
    {
        var subp = TinyClassifier.Write(_folder);
        CommandLine.Run("compile", subp, "-o", _folder["Tiny.dll"], "--threads", "1").Succeeds();
        var values = new byte[16 * 6 * 5 * 4];
        File.WriteAllBytes(_folder["x.bin"], values);
        File.WriteAllBytes(_folder["x.npy"], [.. NpyHeader("<f4"), .. values]);
        var raw = CommandLine.Run("run", _folder["Tiny.dll"], "--input", _folder["x.bin"], "--json").Succeeds().Json();
        var npy = CommandLine.Run("run", _folder["Tiny.dll"], "--input", _folder["x.npy"], "--json").Succeeds().Json();
        Assert.Equal(raw.GetProperty("outputs").ToString(), npy.GetProperty("outputs").ToString());
        Assert.Equal(3, npy.GetProperty("classes").GetArrayLength());

        File.WriteAllBytes(_folder["short.bin"], new byte[8]);
        CommandLine.Run("run", _folder["Tiny.dll"], "--input", _folder["short.bin"]).Answers(2, "SUBP0809");
        File.WriteAllBytes(_folder["double.npy"], [.. NpyHeader("<f8"), .. values]);
        CommandLine.Run("run", _folder["Tiny.dll"], "--input", _folder["double.npy"]).Answers(2, "SUBP0809");
        // The bundled images do not fit this network.
        CommandLine.Run("run", _folder["Tiny.dll"], "--image", "0").Answers(2, "SUBP0203");
    }

    [Fact]
    public void Run_takes_a_file_for_each_of_several_inputs_in_any_order()
    {
        var builder = new GraphBuilder("gate");
        var (image, mask) = (builder.Input("image", new TensorShape(1, 3)), builder.Input("mask=", new TensorShape(1, 3)));
        builder.Output(builder.Node("difference", new Binary { Kind = BinaryKind.Subtract }, image, mask));
        var bundle = ModelBundle.Write(new Model(builder.Build(), new WeightSet()));
        File.WriteAllText(_folder["gate.subp"], bundle.SubpText);
        File.WriteAllBytes(_folder["gate.safetensors"], bundle.Safetensors);
        CommandLine.Run("compile", _folder["gate.subp"], "-o", _folder["Gate.dll"], "--threads", "1").Succeeds();
        File.WriteAllBytes(_folder["x.bin"], Floats(5, 7, 9));
        File.WriteAllBytes(_folder["m.bin"], Floats(1, 2, 3));
        CommandLine Run(params string[] inputs) =>
            CommandLine.Run(["run", _folder["Gate.dll"], "--json", .. inputs.SelectMany(input => new[] { "--input", input })]);
        string[] both = [$"mask=={_folder["m.bin"]}", $"image={_folder["x.bin"]}"];
        var outputs = Run(both).Succeeds().Json().GetProperty("outputs");
        Assert.Equal([4, 5, 6], outputs.EnumerateArray().Select(value => value.GetSingle()));
        Assert.Contains("no file for the input 'mask='", Run(both[1]).Answers(1, "SUBP0801").Error, StringComparison.Ordinal);
        Assert.Contains("the input 'image' twice", Run(both[1], both[1]).Answers(1, "SUBP0801").Error, StringComparison.Ordinal);
        Assert.Contains("expected name=file", Run(_folder["x.bin"], both[0]).Answers(1, "SUBP0801").Error, StringComparison.Ordinal);
        Assert.Contains("missing.bin", Run(both[0], "image=missing.bin").Error, StringComparison.Ordinal);
    }

    private static byte[] Floats(params float[] values) => [.. values.SelectMany(value => BitConverter.GetBytes(value))];

    [Fact]
    public void Inspect_shows_that_a_non_uniform_pattern_is_never_better_balanced_where_threads_divide_the_tasks()
    {
        var json = CommandLine.Run("inspect", TinyClassifier.Write(_folder), "--schedule", "2", "4", "--json").Succeeds().Json();
        Assert.All(
            json.GetProperty("schedules").EnumerateArray(),
            schedule =>
                Assert.True(
                    schedule.GetProperty("own").GetProperty("makespan").GetDouble()
                        <= schedule.GetProperty("nonUniform").GetProperty("makespan").GetDouble()
                )
        );
    }

    [Fact]
    [Trait("speed", "slow")]
    public void Inspect_simulates_threads_from_layers_that_it_timed()
    {
        var json = CommandLine
            .Run("inspect", TinyClassifier.Write(_folder), "--schedule", "2", "16", "--measured", "--isa", "portable", "--json")
            .Succeeds()
            .Json();
        var study = json.GetProperty("simulation");
        Assert.Equal(json.GetProperty("layers").GetArrayLength(), study.GetProperty("layerMicroseconds").GetArrayLength());
        var runs = study.GetProperty("rows").EnumerateArray().Select(row => row.GetProperty("run")).ToArray();
        Assert.Equal([2, 2, 2, 16, 16, 16], runs.Select(run => run.GetProperty("threads").GetInt32()));
        Assert.All(
            runs,
            run =>
            {
                Assert.InRange(run.GetProperty("efficiency").GetDouble(), 1.0 / 16, 1.000001);
                Assert.InRange(run.GetProperty("efficiencyWithBarriers").GetDouble(), 0, run.GetProperty("efficiency").GetDouble());
            }
        );
    }

    [Fact]
    public void Layers_are_timed_for_a_schedule_only() =>
        CommandLine.Run("inspect", TinyClassifier.Write(_folder), "--measured").Answers(1, "SUBP0801");

    [Fact]
    [Trait("speed", "slow")]
    public void Bench_prints_dense_and_sparse_with_their_ratio()
    {
        var answer = CommandLine.Run("bench", TinyClassifier.Write(_folder), "--threads", "1", "--rounds", "2").Succeeds();
        Assert.Matches(@"layer +sparse us +\+- +dense us +\+- +ratio", answer.Out);
        Assert.Matches(@"whole run .*x\n", answer.Out);
    }

    [Fact]
    [Trait("speed", "slow")]
    public void Bench_of_a_layer_prints_the_forms_beside_each_other_and_misses_an_impossible_threshold()
    {
        var answer = CommandLine
            .Run("bench", "--layer", "32x32k3s1h8w8", "--threads", "1", "--rounds", "2", "--isa", "portable", "--fail-under", "99")
            .Answers(5, "SUBP0901");
        foreach (var form in new[] { "straight-line", "tap-unrolled", "table", "dense", "(auto)", "of FMA peak" })
            Assert.Contains(form, answer.Out, StringComparison.Ordinal);
    }

    private static byte[] NpyHeader(string type)
    {
        var text = $"{{'descr': '{type}', 'fortran_order': False, 'shape': (1, 16, 6, 5), }}".PadRight(117) + "\n";
        return [0x93, .. "NUMPY"u8, 1, 0, (byte)text.Length, 0, .. System.Text.Encoding.ASCII.GetBytes(text)];
    }
}
