using System.Globalization;
using System.Reflection;
using Subp.SourceGenerator.Tests.Driving;
using Subp.SourceGenerator.Tests.Models;
using Subp.Testing;
using Xunit;

namespace Subp.SourceGenerator.Tests;

/// <summary>
/// The generator against the command line tool as users run it: a process of its own, its culture set by the environment. That the library
/// emits the same is what <see cref="GenerationTests"/> checks.
/// </summary>
public sealed class ToolTests
{
    [Theory]
    [InlineData("tr-TR", "tr_TR.UTF-8", "avx2,portable", "1,2", "full", "embedded")]
    [InlineData("de-DE", "de_DE.UTF-8", "avx512,avx2", "1,3", "auto", "file")]
    public void The_tool_writes_the_bytes_that_the_generator_emits(
        string culture,
        string locale,
        string isa,
        string threads,
        string unroll,
        string weights
    )
    {
        var folder = Directory.CreateTempSubdirectory("subp-tool-");
        try
        {
            var bundle = TinyNetwork.Bundle();
            File.WriteAllText(Path.Combine(folder.FullName, "tiny.subp"), bundle.SubpText);
            File.WriteAllBytes(Path.Combine(folder.FullName, "tiny.safetensors"), bundle.Safetensors);
            ChildProcess.Check(
                CompileAsAUser,
                string.Join('|', culture, folder.FullName, isa, threads, unroll, weights),
                "LC_ALL=" + locale
            );

            var generated = new Project([
                new ModelFile(
                    "/app/tiny.subp",
                    bundle.SubpText,
                    ("Namespace", "Demo"),
                    ("ClassName", "Tiny"),
                    ("Isa", isa),
                    ("Threads", threads),
                    ("Unroll", unroll),
                    ("Weights", weights)
                ),
            ])
                .Run()
                .GeneratedSources;
            var written = Directory.GetFiles(Path.Combine(folder.FullName, "Tiny.src"));
            Assert.Equal(
                generated.Select(file => file.HintName).Order(StringComparer.Ordinal),
                written.Select(file => "Demo." + Path.GetFileName(file)).Order(StringComparer.Ordinal)
            );
            Assert.All(
                generated,
                file =>
                {
                    byte[] emitted =
                    [
                        .. file.SourceText.Encoding!.GetPreamble(),
                        .. file.SourceText.Encoding.GetBytes(file.SourceText.ToString()),
                    ];
                    Assert.Equal(emitted, File.ReadAllBytes(Path.Combine(folder.FullName, "Tiny.src", file.HintName["Demo.".Length..])));
                }
            );
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Runs the entry point of the tool; for a child process.</summary>
    internal static void CompileAsAUser(string argument)
    {
        var words = argument.Split('|');
        Assert.Equal(words[0], CultureInfo.CurrentCulture.Name);
        Assert.Equal(words[0], CultureInfo.CurrentUICulture.Name);
        var code = Assembly
            .Load("subp")
            .EntryPoint!.Invoke(
                null,
                [
                    new[]
                    {
                        "compile",
                        Path.Combine(words[1], "tiny.subp"),
                        "-o",
                        Path.Combine(words[1], "Tiny.dll"),
                        "--emit-source",
                        "--namespace",
                        "Demo",
                        "--class-name",
                        "Tiny",
                        "--isa",
                        words[2],
                        "--threads",
                        words[3],
                        "--unroll",
                        words[4],
                        "--weights-location",
                        words[5],
                    },
                ]
            );
        Assert.Equal(0, code);
    }
}
