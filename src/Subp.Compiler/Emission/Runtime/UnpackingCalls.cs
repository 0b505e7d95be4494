using Subp.Compiler.Planning;
using Subp.Core.Graphs;
using Subp.Core.Storage;
using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Emission.Runtime;

/// <summary>
/// Writes how constants are computed, and before them the calls that unpack weights of few bits: into the constants where kernels read them
/// in stored order, and into memory that the preparation frees where another constant is computed from them.
/// </summary>
internal sealed class UnpackingCalls(ModelPlan plan, MemoryNames names)
{
    /// <summary>The bytes of the largest weight that another constant is computed from; 0 where there is none.</summary>
    private long MemoryBytes => plan.Constants.OfType<FamilyConstant>().SelectMany(FewBits).Select(BytesOf).DefaultIfEmpty().Max();

    /// <summary>Writes the statements, in the order of the constants.</summary>
    public void Write(CSharpWriter writer)
    {
        if (MemoryBytes > 0)
            writer.Line(
                $"""
                // Weights of few bits that are repacked below lie here meanwhile, one after the other.
                using AlignedMemory memory = new({MemoryBytes});
                byte* unpacked = memory.Pointer;
                """
            );
        foreach (var constant in plan.Constants)
        {
            if (constant is UnpackedWeight direct)
                writer.Line(Call(direct.Weight, names.ConstantPointer(direct)));
            else if (constant is FamilyConstant family && family.Call(Source, names.ConstantPointer(family)) is { } call)
            {
                foreach (var parameter in FewBits(family))
                    writer.Line(Call(parameter, Source(parameter.Name)));
                writer.Line(call);
            }
        }
    }

    private string Source(string parameter) =>
        plan.Source.Parameter(parameter).Bits is null ? names.WeightPointer(parameter) : "(float*)unpacked";

    // One at most: what else constants read together are vectors, which have no bits.
    private IEnumerable<Parameter> FewBits(FamilyConstant constant)
    {
        Parameter? found = null;
        constant.Call(
            name =>
            {
                if (plan.Source.Parameter(name) is { Bits: not null } parameter)
                    found =
                        found is null || found == parameter
                            ? parameter
                            : throw new InvalidOperationException($"'{name}' is unpacked where '{found.Name}' is.");
                return "";
            },
            ""
        );
        return found is null ? [] : [found];
    }

    private static long BytesOf(Parameter parameter) => (long)StoredTensor.CountOf(parameter) * ElementTypes.SizeOf(parameter.Element);

    private string Call(Parameter parameter, string target)
    {
        var source = Invariant($"weights + {MemoryNames.WeightsClass}.{names.Weight(parameter.Name)}");
        if (parameter.Element == ElementType.Int8)
            return Invariant($"UnpackBytes({source}, (sbyte*)unpacked, {StoredTensor.CountOf(parameter)}, bits: {parameter.Bits});");
        var scales = Invariant($"(float*)(weights + {MemoryNames.WeightsClass}.{names.Scales(parameter.Name)})");
        return Invariant(
            $"UnpackFloats({source}, {scales}, {target}, bits: {parameter.Bits}, "
                + $"new int[] {{ {CSharpText.Numbers(Rows(parameter))} }}, groups: {Groups(parameter)}, lanes: {Lanes(parameter)});"
        );
    }

    private static int Groups(Parameter parameter) => parameter.Pattern?.Groups ?? parameter.Shape[0];

    private static int Lanes(Parameter parameter) => parameter.Pattern?.BlockLength ?? 1;

    // The values of one output channel, of every group where these differ.
    private static IEnumerable<int> Rows(Parameter parameter)
    {
        var width = parameter.Shape.ElementCount / parameter.Shape[0];
        if (parameter.Pattern is not { } pattern)
            return [width];
        var taps = width / pattern.InputChannels;
        int[] rows = [.. Enumerable.Range(0, pattern.Groups).Select(group => pattern.Kept(group).Count * taps)];
        return pattern.IsUniform ? [rows[0]] : rows;
    }
}
