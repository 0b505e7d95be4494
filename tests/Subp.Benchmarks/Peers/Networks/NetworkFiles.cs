using System.Runtime.Intrinsics.X86;
using Subp.Compiler;
using Subp.Core.Weights;
using Subp.Onnx;
using Subp.Tooling.Compilation;

namespace Subp.Benchmarks.Peers.Networks;

/// <summary>One network on disk twice, with the same weights: compiled, and as ONNX. Deleted when disposed.</summary>
internal sealed class NetworkFiles : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("subp-peers-").FullName;

    /// <summary>Compiles and exports a network.</summary>
    /// <param name="model">The packed network.</param>
    /// <param name="instructionSet">The one instruction set that is emitted besides the portable one.</param>
    public NetworkFiles(Model model, InstructionSet instructionSet)
    {
        InputShape = [.. model.Graph.ShapeOf(model.Graph.Inputs[0].Name).Dimensions];
        OutputShape = [.. model.Graph.ShapeOf(model.Graph.Outputs[0]).Dimensions];
        // Weights beside the assembly: Roslyn would copy the half gigabyte of VGG-16 into it, and the times are the same.
        var options = new CompileOptions
        {
            ClassName = "Network",
            ThreadCounts = [1, 2],
            InstructionSets = [instructionSet],
            Weights = WeightsLocation.File,
        };
        var network = CompiledNetwork.Compile(model, options);
        File.WriteAllBytes(Dll, network.Assembly.Assembly);
        File.WriteAllBytes(Path.Combine(_folder, network.Plan.ClassName + ".safetensors"), ModelBundle.Write(model).Safetensors);
        File.WriteAllBytes(Onnx, OnnxExporter.Export(model));
    }

    /// <summary>The best instruction set of this processor.</summary>
    public static InstructionSet BestInstructionSet =>
        Avx512F.IsSupported ? InstructionSet.Avx512
        : Avx2.IsSupported ? InstructionSet.Avx2
        : InstructionSet.Portable;

    /// <summary>The compiled network.</summary>
    public string Dll => Path.Combine(_folder, "Network.dll");

    /// <summary>The ONNX file.</summary>
    public string Onnx => Path.Combine(_folder, "Network.onnx");

    /// <summary>The dimensions of the input.</summary>
    public int[] InputShape { get; }

    /// <summary>The dimensions of the output.</summary>
    public int[] OutputShape { get; }

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
