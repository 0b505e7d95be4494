using System.Globalization;
using Subp.Compiler;
using Subp.Compiler.Emission.Runtime;
using Subp.Compiler.Planning;
using Subp.Compiler.Planning.Costs;
using Subp.Core.Diagnostics;
using Subp.Core.Text;

namespace Subp.SourceGenerator.Items;

/// <summary>Turns the metadata of an item into compile options. The words are those of the command line.</summary>
internal static class OptionsReader
{
    private const int MostThreads = 64;

    private static readonly KeyValuePair<string, InstructionSet>[] s_sets =
    [
        new("avx512", InstructionSet.Avx512),
        new("avx2", InstructionSet.Avx2),
        new("portable", InstructionSet.Portable),
    ];

    private static readonly KeyValuePair<string, UnrollMode>[] s_modes =
    [
        new("auto", UnrollMode.Auto),
        new("full", UnrollMode.Full),
        new("taps", UnrollMode.Taps),
        new("never", UnrollMode.Never),
    ];

    private static readonly KeyValuePair<string, WeightsLocation>[] s_locations =
    [
        new("embedded", WeightsLocation.Embedded),
        new("file", WeightsLocation.File),
    ];

    private static readonly KeyValuePair<string, bool>[] s_switches = [new("true", true), new("false", false)];

    private static KeyValuePair<string, MachineDescription>[] Machines =>
        [.. MachineDescription.Known.Select(machine => new KeyValuePair<string, MachineDescription>(machine.Name, machine))];

    private static readonly char[] s_separators = [',', ';', ' '];

    /// <summary>The options of an item.</summary>
    /// <param name="settings">The metadata.</param>
    /// <param name="path">The path of the .subp file, whose name the class takes where the item names none.</param>
    /// <param name="machine">The text of the file that the item names as its machine; null where it names none.</param>
    /// <exception cref="SubpException">A value is not known (SUBP1004), a name cannot become C# (SUBP1003), or the machine is no such
    /// text (SUBP0603).</exception>
    public static CompileOptions Read(ItemSettings settings, string path, string? machine)
    {
        var options = new CompileOptions { ToolVersion = ToolVersion };
        if (settings.Namespace.Length > 0)
            options = options with { Namespace = settings.Namespace };
        else if (settings.RootNamespace.Length > 0)
            options = options with { Namespace = CSharpNames.NamespaceFrom(settings.RootNamespace) };
        // The targets say how they name the weights; without targets the file and the class have the names of the library.
        if (settings.ResourceName.Length > 0)
            options = options with { ClassName = Naming.ClassName(FileName(path)), WeightsName = settings.ResourceName };
        if (settings.ClassName.Length > 0)
            options = options with { ClassName = settings.ClassName };
        if (settings.Isa.Length > 0)
            options = options with
            {
                InstructionSets =
                [
                    .. Words(settings.Isa).Select(word => Known(settings, "Isa", word, s_sets)).Distinct().OrderBy(set => set),
                ],
            };
        if (settings.Threads.Length > 0)
            options = options with
            {
                ThreadCounts = [.. Words(settings.Threads).Select(word => Count(settings, word)).Distinct().OrderBy(count => count)],
            };
        if (settings.Unroll.Length > 0)
            options = options with { Unroll = Known(settings, "Unroll", settings.Unroll, s_modes) };
        if (settings.Precise.Length > 0)
            options = options with { Precise = Known(settings, "Precise", settings.Precise, s_switches) };
        if (settings.Machine.Length > 0)
            options = options with
            {
                // A name that is known goes before a file of that name, as on the command line.
                Machine =
                    machine is not null && MachineDescription.Find(settings.Machine) is null
                        ? MachineFile.Parse(machine, settings.Machine)
                        : Known(settings, "Machine", settings.Machine, Machines),
            };
        if (settings.Weights.Length > 0)
            options = options with { Weights = Known(settings, "Weights", settings.Weights, s_locations) };
        RequireNames(settings, options);
        return options;
    }

    // The library and the generator are built together, so the version in emitted headers is that of both.
    private static string ToolVersion { get; } = typeof(OptionsReader).Assembly.GetName().Version.ToString(3);

    private static string FileName(string path)
    {
        var name = path.Substring(path.LastIndexOfAny(['/', '\\']) + 1);
        var dot = name.LastIndexOf('.');
        return dot < 0 ? name : name.Substring(0, dot);
    }

    private static string[] Words(string value) => value.Split(s_separators, StringSplitOptions.RemoveEmptyEntries);

    private static T Known<T>(ItemSettings settings, string metadata, string word, KeyValuePair<string, T>[] known)
    {
        foreach (var entry in known)
        {
            if (string.Equals(entry.Key, word, StringComparison.OrdinalIgnoreCase))
                return entry.Value;
        }

        throw new SubpException(
            DiagnosticDescriptors.InvalidModelMetadata,
            Place(settings),
            $"{metadata}=\"{word}\"",
            $"one of {string.Join(", ", known.Select(entry => entry.Key))}",
            Spelling.Suggest(word.ToLowerInvariant(), known.Select(entry => entry.Key))
        );
    }

    private static int Count(ItemSettings settings, string word) =>
        int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count is >= 1 and <= MostThreads
            ? count
            : throw new SubpException(
                DiagnosticDescriptors.InvalidModelMetadata,
                Place(settings),
                $"Threads=\"{word}\"",
                FormattableString.Invariant($"whole numbers from 1 to {MostThreads} with commas between")
            );

    private static void RequireNames(ItemSettings settings, CompileOptions options)
    {
        try
        {
            // Without a class name it comes from the network, which makes it valid.
            ClassNameCheck.Require(options.Namespace, options.ClassName ?? "Model");
        }
        catch (SubpException exception)
        {
            throw new SubpException(
                exception.Diagnostic with
                {
                    Descriptor = DiagnosticDescriptors.InvalidModelName,
                    Location = Place(settings),
                    Action = "Set Namespace and ClassName of the SubpModel item.",
                }
            );
        }
    }

    private static string Place(ItemSettings settings) => $"SubpModel '{settings.Name}'";
}
