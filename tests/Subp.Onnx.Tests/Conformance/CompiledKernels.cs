using Subp.Compiler;
using Subp.Compiler.Emission;
using Subp.Compiler.Planning;
using Subp.Core.Weights;
using Subp.Roslyn;

namespace Subp.Onnx.Tests.Conformance;

/// <summary>Computes a network with emitted code, on every instruction set of this processor and with one and two threads.</summary>
internal static class CompiledKernels
{
    // Of the largest element of an output: sums of floats cancel.
    private const double Tolerance = 1e-5;

    // Two models at a time have files of the same class.
    private static int s_files;

    /// <summary>The outputs of every way to run it.</summary>
    public static IEnumerable<Computation> Run(Model model, IReadOnlyDictionary<string, float[]> inputs)
    {
        var packed = PassPipeline.Pack(model);
        var plan = ModelPlanner.Plan(packed.Graph, new CompileOptions { ThreadCounts = [1, 2] });
        var compiled = ModelAssemblyCompiler.Compile(
            ModelEmitter.Emit(plan),
            ModelBundle.Write(packed).Safetensors,
            plan.ClassName,
            $"{plan.Options.Namespace}.{plan.ClassName}.safetensors"
        );
        var file = Path.Combine(Path.GetTempPath(), $"subp-operator-{Environment.ProcessId}-{Interlocked.Increment(ref s_files)}.dll");
        File.WriteAllBytes(file, compiled.Assembly);
        try
        {
            return Run(model, file, inputs);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static List<Computation> Run(Model model, string file, IReadOnlyDictionary<string, float[]> inputs)
    {
        using var loaded = LoadedModel.Load(file);
        float[] input = [.. model.Graph.Inputs.SelectMany(port => inputs[port.Name])];
        var computations = new List<Computation>();
        foreach (var set in loaded.InstructionSets.Where(loaded.IsSupported))
        {
            foreach (var threads in loaded.SupportedThreadCounts)
            {
                using var session = loaded.CreateSession(threads, set);
                var output = new float[loaded.OutputLength];
                session.Run(input, output);
                computations.Add(Computation(model, output, FormattableString.Invariant($"{set}, {threads} threads: ")));
            }
        }

        return computations;
    }

    private static Computation Computation(Model model, float[] output, string how)
    {
        var outputs = new Dictionary<string, double[]>(StringComparer.Ordinal);
        var start = 0;
        foreach (var name in model.Graph.Outputs)
        {
            var length = model.Graph.ShapeOf(name).ElementCount;
            outputs[name] = [.. output.Skip(start).Take(length).Select(value => (double)value)];
            start += length;
        }

        var largest = output.Where(float.IsFinite).Select(Math.Abs).DefaultIfEmpty(0).Max();
        return new Computation(how, outputs, 1e-3, 1e-6 + (Tolerance * largest));
    }
}
