using System.CommandLine;
using System.CommandLine.Invocation;
using System.Reflection;
using System.Runtime.InteropServices;
using Subp.Cli.Benchmarking;
using Subp.Compiler;

namespace Subp.Cli.Commands;

/// <summary>
/// What <c>--version</c> prints: the tool, the runtime, and the instruction sets of this processor, which decide the kernels.
/// </summary>
internal sealed class VersionBanner : SynchronousCommandLineAction
{
    /// <summary>The version of the tool, without the commit.</summary>
    public static string ToolVersion { get; } =
        typeof(VersionBanner).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    /// <inheritdoc/>
    public override bool ClearsParseErrors => true;

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        var output = parseResult.InvocationConfiguration.Output;
        output.WriteLine($"subp {ToolVersion}");
        output.WriteLine(
            $"{RuntimeInformation.FrameworkDescription}, {RuntimeInformation.RuntimeIdentifier}, {Environment.ProcessorCount} processors"
        );
        output.WriteLine($"instruction sets: {string.Join(", ", HostProcessor.InstructionSets.Select(Word))}");
        return 0;
    }

    private static string Word(InstructionSet set) => set.ToString().ToLowerInvariant();
}
