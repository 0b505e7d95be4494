using Subp.Compiler.Emission.Kernels;
using Subp.Compiler.Emission.Runtime;
using Subp.Compiler.Planning;

namespace Subp.Compiler.Emission;

/// <summary>A file of methods of one instruction set.</summary>
/// <param name="File">The file.</param>
/// <param name="Kernels">The signatures of the kernels in it.</param>
internal readonly record struct KernelFile(EmittedFile File, IReadOnlyList<string> Kernels)
{
    /// <summary>Writes a file <c>{Class}.{part}.{instruction set}.cs</c>.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="part">What the methods are of: a layer, or what layers share.</param>
    /// <param name="set">The instruction set.</param>
    /// <param name="introduction">Writes comments above the class.</param>
    /// <param name="methods">Writes the methods.</param>
    public static KernelFile Write(
        ModelPlan plan,
        string part,
        InstructionSet set,
        Action<CSharpWriter> introduction,
        Action<CSharpWriter> methods
    )
    {
        var body = new CSharpWriter(wraps: false);
        methods(body);
        var file = ModelFileScope.Write(
            plan,
            $".{part}.{KernelText.ClassOf(set)}",
            _ => { },
            writer =>
            {
                introduction(writer);
                using (writer.Block($"private static unsafe partial class {KernelText.ClassOf(set)}"))
                    writer.Line(body.ToString().TrimEnd('\n'));
            }
        );
        return new KernelFile(file, body.Kernels);
    }
}
