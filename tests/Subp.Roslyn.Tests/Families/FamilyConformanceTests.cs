using Subp.Roslyn.Tests.Emulation;
using Subp.Roslyn.Tests.Kernels;
using Xunit;

namespace Subp.Roslyn.Tests.Families;

/// <summary>
/// Every family of kernels for dense values agrees with the reference interpreter on every instruction set and thread count.
/// </summary>
[Trait("speed", "slow")]
public sealed class FamilyConformanceTests : IDisposable
{
    private static readonly Dictionary<string, KernelCase> s_cases = FamilyCases.All().ToDictionary(kernelCase => kernelCase.Name);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("subp-families-");

    public static TheoryData<string> CaseNames => [.. s_cases.Keys];

    [Theory]
    [MemberData(nameof(CaseNames))]
    public void All_instruction_sets_and_thread_counts_agree_with_the_reference(string name)
    {
        InstructionEmulation.SwitchOn();
        KernelFixture.Build(_folder.FullName, s_cases[name]);
        KernelRunner.Check(_folder.FullName, name, model => model.InstructionSets);
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
