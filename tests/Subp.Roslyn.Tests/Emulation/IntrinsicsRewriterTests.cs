using Subp.Compiler.Emission;
using Xunit;

namespace Subp.Roslyn.Tests.Emulation;

public sealed class IntrinsicsRewriterTests
{
    private const string Emulated = "global::Subp.Roslyn.Tests.Emulation.Instructions.";

    [Theory]
    [InlineData("Avx512F.Add(a, b)", "Avx512F.Add(a, b)")]
    [InlineData("X86.Avx512F.Add(a, b)", "Avx512F.Add(a, b)")]
    [InlineData("X86::Avx512F.Add(a, b)", "Avx512F.Add(a, b)")]
    [InlineData("global::System.Runtime.Intrinsics.X86.Avx512F.Add(a, b)", "Avx512F.Add(a, b)")]
    [InlineData("System.Runtime.Intrinsics.X86.Avx2.PermuteVar8x32(a, b)", "Avx2.PermuteVar8x32(a, b)")]
    [InlineData("X86::Avx512F.IsSupported", "Avx512F.IsSupported")]
    [InlineData("Avx512F.VL.RotateLeft(a, 1)", "Avx512F.VL.RotateLeft(a, 1)")]
    public void A_class_of_intrinsics_is_replaced_however_it_is_named(string expression, string expected) =>
        Assert.Equal(Class($"{Emulated}{expected}"), Rewrite(Class(expression), "Avx512F", "Avx2"));

    [Fact]
    public void Calls_within_calls_are_replaced_and_everything_else_stays_as_it_is() =>
        Assert.Equal(
            Class($"{Emulated}Avx512F.Max(/* kept */ {Emulated}Avx512F.Add(a, Avx.Load(b)), Vector512.Create(1f))"),
            Rewrite(Class("Avx512F.Max(/* kept */ Avx512F.Add(a, Avx.Load(b)), Vector512.Create(1f))"), "Avx512F")
        );

    [Fact]
    public void A_type_of_the_emitted_code_keeps_its_short_name() =>
        Assert.Equal(
            $"class Avx2 {{ }} {Class($"Avx2.Run() + {Emulated}Avx2.And(a, b)")}",
            Rewrite($"class Avx2 {{ }} {Class("Avx2.Run() + X86::Avx2.And(a, b)")}", "Avx2")
        );

    [Fact]
    public void An_alias_leads_to_the_emulation() =>
        Assert.Equal(
            $"using Wide = {Emulated}Avx512F;\n{Class("Wide.Add(a, b)")}",
            Rewrite($"using Wide = System.Runtime.Intrinsics.X86.Avx512F;\n{Class("Wide.Add(a, b)")}", "Avx512F")
        );

    [Fact]
    public void A_processor_that_has_all_instructions_gets_the_very_files_that_were_emitted()
    {
        EmittedFile[] files = [new("a.cs", Class("Avx512F.Add(a, b)"))];
        Assert.Same(files, InstructionEmulation.Prepare(files, []));
    }

    private static string Class(string expression) => $"class C {{ object M() => {expression}; }}";

    private static string Rewrite(string text, params string[] classes) =>
        InstructionEmulation.Prepare([new EmittedFile("a.cs", text)], classes)[0].Text;
}
