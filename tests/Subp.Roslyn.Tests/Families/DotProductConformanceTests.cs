using System.Runtime.Intrinsics;
using Subp.Roslyn.Tests.Emulation;
using Subp.Roslyn.Tests.Kernels;
using Subp.Testing;
using Xunit;
using Emulated = Subp.Roslyn.Tests.Emulation.Instructions;

namespace Subp.Roslyn.Tests.Families;

/// <summary>
/// Integer kernels in the forms that they take on processors with AVX-VNNI, AMD's and others, to the bit. The instruction is emulated
/// wherever the tests run, as few processors have it; <see cref="FamilyConformanceTests"/> runs the forms that this processor chooses.
/// </summary>
[Trait("speed", "slow")]
public sealed class DotProductConformanceTests : IDisposable
{
    // Every second of these runs on a processor of the other vendor, where kernels with AVX-VNNI take another form.
    private static readonly Dictionary<string, (KernelCase Case, string[] Emulated)> s_cases = IntegerCases
        .OfFloatInterface()
        .Sample(2)
        .SelectMany(
            (kernelCase, index) =>
                new (KernelCase Case, string[] Emulated)[]
                {
                    (kernelCase, ["AvxVnni"]),
                    (kernelCase with { Name = kernelCase.Name + "-other-vendor" }, ["AvxVnni", InstructionEmulation.OtherVendor]),
                }.Sample(2, index % 2)
        )
        .ToDictionary(each => each.Case.Name);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("subp-dots-");

    public static TheoryData<string> CaseNames => [.. s_cases.Keys];

    [Theory]
    [MemberData(nameof(CaseNames))]
    public void All_instruction_sets_and_thread_counts_agree_with_the_reference(string name)
    {
        InstructionEmulation.SwitchOn();
        var (kernelCase, emulated) = s_cases[name];
        KernelFixture.Build(_folder.FullName, kernelCase, emulated);
        KernelRunner.Check(_folder.FullName, name, model => model.InstructionSets);
    }

    [Fact]
    public void The_emulation_adds_four_products_without_saturation()
    {
        var bytes = Vector256.Create(byte.MaxValue);
        Assert.Equal(
            Vector256.Create(7 + (4 * 255 * 127)),
            Emulated.AvxVnni.MultiplyWideningAndAdd(Vector256.Create(7), bytes, Vector256.Create((sbyte)127))
        );
        Assert.Equal(
            Vector256.Create(-4 * 255 * 128),
            Emulated.AvxVnni.MultiplyWideningAndAdd(Vector256<int>.Zero, bytes, Vector256.Create((sbyte)-128))
        );
        var order = Vector256.Create(Enumerable.Range(0, 32).Select(index => (byte)index).ToArray());
        var onlyThird = Vector256.Create(0x00010000).AsSByte();
        Assert.Equal(
            Vector256.Create(2, 6, 10, 14, 18, 22, 26, 30),
            Emulated.AvxVnni.MultiplyWideningAndAdd(Vector256<int>.Zero, order, onlyThird)
        );
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
