using Subp.Packages.Tests.Setup;
using Xunit;

namespace Subp.Publishing.Tests;

[Collection(PackagesGroup.Name)]
[Trait("speed", "slow")]
public sealed class PublishingTests(PackedPackages packages)
{
    /// <summary>What the sample's README promises.</summary>
    private const string Answer = "1762 of 2000 right, 88.10 %";

    [FactWithPacks("net10.0", "PublishTrimmed=true")]
    public void A_trimmed_program_is_published_without_a_warning_and_gives_the_same_answer()
    {
        var sample = new ConsoleClassifier(
            packages,
            "trimmed",
            properties: "<PublishTrimmed>true</PublishTrimmed><TrimmerSingleWarn>false</TrimmerSingleWarn>"
        );
        sample.Publish("-r", "linux-x64");
        Assert.Equal(Answer, sample.Answer(selfContained: true));
        Assert.False(File.Exists(Path.Combine(sample.Output, "System.Private.Xml.dll")), "Nothing was trimmed.");
    }

    [FactWithPacks("net10.0", "PublishReadyToRun=true")]
    public void Programs_precompiled_for_x86_64_v3_and_v4_give_the_same_answer()
    {
        foreach (var level in new[] { "x86-64-v3", "x86-64-v4" })
        {
            long[] lengths =
            [
                .. new[] { false, true }.Select(precompiled =>
                {
                    // A folder each, since the SDK keeps an image when nothing but the arguments of its compiler change.
                    var sample = new ConsoleClassifier(
                        packages,
                        $"{level}-{precompiled}",
                        properties: $"<PublishReadyToRun>true</PublishReadyToRun>"
                            + "<PublishReadyToRunCrossgen2ExtraArgs>--instruction-set:"
                            + $"{level}</PublishReadyToRunCrossgen2ExtraArgs><SubpPrecompiled>{precompiled}</SubpPrecompiled>"
                    );
                    sample.Publish("-r", "linux-x64", "--no-self-contained");
                    Assert.Equal(Answer, sample.Answer(selfContained: false));
                    return new FileInfo(Path.Combine(sample.Output, "console-classifier.dll")).Length;
                }),
            ];
            Assert.True(
                lengths[1] > lengths[0] + 10_000,
                $"SubpPrecompiled brought no kernels into the image for {level}: {lengths[0]} and {lengths[1]} bytes."
            );
        }
    }

    [FactWithPacks("net9.0", "SelfContained=true")]
    public void A_program_for_NET_9_and_Csharp_12_gives_the_same_answer_on_that_runtime()
    {
        var sample = new ConsoleClassifier(packages, "net9", "net9.0", "<LangVersion>12</LangVersion>");
        sample.Publish("-r", "linux-x64", "--self-contained");
        Assert.Equal(Answer, sample.Answer(selfContained: true));
        Assert.StartsWith(
            "9.0.",
            System.Diagnostics.FileVersionInfo.GetVersionInfo(Path.Combine(sample.Output, "System.Private.CoreLib.dll")).ProductVersion,
            StringComparison.Ordinal
        );
    }

    // The registry in use serves the runtime of native compilation inside the compiler's own package up to .NET 9, and that of .NET 10 not
    // at all.
    [FactWithPacks("net9.0", "PublishAot=true")]
    public void A_program_compiled_ahead_of_time_is_published_without_a_warning_and_gives_the_same_answer()
    {
        var sample = new ConsoleClassifier(
            packages,
            "native",
            "net9.0",
            "<PublishAot>true</PublishAot><CppCompilerAndLinker>gcc</CppCompilerAndLinker>"
        );
        sample.Publish("-r", "linux-x64");
        Assert.Equal(Answer, sample.Answer(selfContained: true));
        Assert.False(File.Exists(Path.Combine(sample.Output, "console-classifier.dll")));
    }
}
