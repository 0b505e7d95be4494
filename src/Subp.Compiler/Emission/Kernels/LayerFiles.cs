using Subp.Compiler.Emission.Runtime;
using Subp.Compiler.Planning;
using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Emission.Kernels;

/// <summary>The files of a layer.</summary>
/// <param name="OfSets">Its kernels, for each instruction set in the order of the options.</param>
/// <param name="Tables">The tables that the kernels of all instruction sets read, or null where they read none.</param>
internal sealed record LayerFiles(IReadOnlyList<KernelFile> OfSets, EmittedFile? Tables)
{
    /// <summary>All files.</summary>
    public IEnumerable<EmittedFile> Files =>
        Tables is null ? OfSets.Select(set => set.File) : OfSets.Select(set => set.File).Append(Tables);

    /// <summary>Writes the files of a layer.</summary>
    public static LayerFiles Write(ModelPlan plan, FamilyPlan layer) =>
        new(
            [
                .. plan.Options.InstructionSets.Select(set =>
                    KernelFile.Write(
                        plan,
                        layer.MethodStem,
                        set,
                        writer => LayerIntroduction.Write(writer, plan, layer),
                        writer => KernelFamilies.Write(writer, layer, set, plan)
                    )
                ),
            ],
            WriteTables(plan, layer)
        );

    private static EmittedFile? WriteTables(ModelPlan plan, FamilyPlan layer)
    {
        var tables = new CSharpWriter(wraps: false);
        KernelFamilies.WriteTables(tables, layer);
        var text = tables.ToString().TrimEnd('\n');
        return text.Length == 0
            ? null
            : ModelFileScope.Write(
                plan,
                $".{layer.MethodStem}.Tables",
                _ => { },
                writer =>
                    writer
                        .Line(
                            CSharpText.Comment(
                                Invariant($"// Layer {layer.Index}, {layer.Node.Name}: what its kernels of all instruction sets read.")
                            )
                        )
                        .Line()
                        .Line(text)
            );
    }
}
