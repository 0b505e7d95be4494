using Subp.Compiler.Emission;
using Xunit;

namespace Subp.Roslyn.Tests.Emulation;

public sealed class IntrinsicsRewriterTests
{
    private const string Emulated = "global::Subp.Roslyn.Tests.Emulation.Instructions.";

    [Theory]
    [InlineData("X86::Avx512F.Add(a, b)", "Avx512F.Add(a, b)")]
    [InlineData("X86::Avx2.PermuteVar8x32(a, b)", "Avx2.PermuteVar8x32(a, b)")]
    [InlineData("X86::Avx512F.IsSupported", "Avx512F.IsSupported")]
    [InlineData("X86::Avx512F.VL.RotateLeft(a, 1)", "Avx512F.VL.RotateLeft(a, 1)")]
    public void A_class_of_intrinsics_is_replaced(string expression, string expected) =>
        Assert.Equal(Class($"{Emulated}{expected}"), Rewrite(Class(expression), "Avx512F", "Avx2"));

    [Fact]
    public void Calls_within_calls_are_replaced_and_everything_else_stays_as_it_is() =>
        Assert.Equal(
            Class($"{Emulated}Avx512F.Max(/* kept */ {Emulated}Avx512F.Add(a, X86::Avx.Load(b)), Vector512.Create(1f))"),
            Rewrite(Class("X86::Avx512F.Max(/* kept */ X86::Avx512F.Add(a, X86::Avx.Load(b)), Vector512.Create(1f))"), "Avx512F")
        );

    [Fact]
    public void A_class_whose_name_another_begins_with_is_another_class() =>
        Assert.Equal(
            Class($"{Emulated}Avx.Add(a, X86::Avx2.And(a, X86::Avx512F.Load(b)))"),
            Rewrite(Class("X86::Avx.Add(a, X86::Avx2.And(a, X86::Avx512F.Load(b)))"), "Avx")
        );

    [Fact]
    public void The_sources_of_what_is_named_and_of_what_it_needs_are_compiled_too() =>
        Assert.Equal(
            ["a.cs", "Emulation/Avx512Vbmi.cs", "Emulation/Switch.cs"],
            Prepare(Class("X86::Avx512Vbmi.PermuteVar64x8(a, b)"), "Avx512Vbmi", "Avx512F").Select(file => file.Name)
        );

    [Fact]
    public void A_processor_that_has_all_instructions_gets_the_very_files_that_were_emitted()
    {
        EmittedFile[] files = [new("a.cs", Class("X86::Avx512F.Add(a, b)"))];
        Assert.Same(files, InstructionEmulation.Prepare(files, []));
    }

    private static string Class(string expression) => $"class C {{ object M() => {expression}; }}";

    private static string Rewrite(string text, params string[] classes) => Prepare(text, classes)[0].Text;

    private static IReadOnlyList<EmittedFile> Prepare(string text, params string[] classes) =>
        InstructionEmulation.Prepare([new EmittedFile("a.cs", text)], classes);
}
