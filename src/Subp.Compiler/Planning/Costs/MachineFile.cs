using System.Globalization;
using System.Text;
using Subp.Core.Diagnostics;

namespace Subp.Compiler.Planning.Costs;

/// <summary>
/// Reads and writes <c>machine.json</c>: an object of words, numbers, an object <c>multiplyAddsPerCycle</c> with a number for every
/// instruction set and an object <c>cycles</c> with one for every kind of work.
/// Only that much of JSON is known here, since the compiler depends on nothing.
/// </summary>
public static class MachineFile
{
    private const double LargestNumber = 1e12;
    private const int MostNameLetters = 64;
    private static readonly InstructionSet[] s_sets = [InstructionSet.Avx512, InstructionSet.Avx2, InstructionSet.Portable];

    /// <summary>The description as text.</summary>
    public static string Print(MachineDescription machine)
    {
        var text = new StringBuilder("{\n");
        text.Append("  \"name\": ").Append(Quoted(machine.Name)).Append(",\n");
        text.Append("  \"description\": ").Append(Quoted(machine.Description)).Append(",\n");
        var rates = machine
            .MultiplyAddsPerCycle.OrderBy(rate => rate.Key)
            .Select(rate => $"{Quoted(rate.Key.Word())}: {Number(rate.Value)}");
        text.Append("  \"multiplyAddsPerCycle\": { ").Append(string.Join(", ", rates)).Append(" },\n");
        text.Append("  \"firstLevelBytes\": ").Append(Number(machine.FirstLevelBytes)).Append(",\n");
        text.Append("  \"secondLevelBytes\": ").Append(Number(machine.SecondLevelBytes)).Append(",\n");
        text.Append("  \"thirdLevelBytes\": ").Append(Number(machine.ThirdLevelBytes)).Append(",\n");
        text.Append("  \"cycles\": {\n");
        var lines = CostKinds.All.Select(kind => $"    {Quoted(kind.Key)}: {Number(machine.CyclesOf(kind.Key))}");
        return text.Append(string.Join(",\n", lines)).Append("\n  }\n}\n").ToString();
    }

    /// <summary>Reads a description.</summary>
    /// <param name="text">The text.</param>
    /// <param name="place">What to call it in messages.</param>
    /// <exception cref="SubpException">SUBP0603: it is no such text, a kind of work is missing or not known, or a number is out of range.
    /// </exception>
    public static MachineDescription Parse(string text, string place)
    {
        var reader = new Reader(text, place);
        var (words, numbers) = reader.Read();
        var cycles = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var kind in CostKinds.All)
            cycles[kind.Key] = Needed("cycles." + kind.Key);
        foreach (var key in numbers.Keys.Where(key => key.StartsWith("cycles.", StringComparison.Ordinal)))
        {
            if (!cycles.ContainsKey(key.Substring("cycles.".Length)))
                throw Invalid(
                    place,
                    $"cycles of '{key.Substring("cycles.".Length)}'",
                    "kinds of work that this version of the compiler counts"
                );
        }

        return new MachineDescription
        {
            Name =
                !words.TryGetValue("name", out var name) ? throw Invalid(place, "no \"name\"", "the name of the machine")
                : IsName(name) ? name
                : throw Invalid(place, "a \"name\" that is not plain", "up to 64 letters, digits, dots, underscores and hyphens"),
            Description = words.TryGetValue("description", out var description) ? description : "",
            MultiplyAddsPerCycle = s_sets.ToDictionary(set => set, set => Positive("multiplyAddsPerCycle." + set.Word())),
            FirstLevelBytes = (int)Math.Min(int.MaxValue, Positive("firstLevelBytes")),
            SecondLevelBytes = (int)Math.Min(int.MaxValue, Positive("secondLevelBytes")),
            ThirdLevelBytes = (int)Math.Min(int.MaxValue, Positive("thirdLevelBytes")),
            Cycles = cycles,
        };

        double Needed(string key) =>
            !numbers.TryGetValue(key, out var number) ? throw Invalid(place, $"no number \"{key}\"", "a number for every kind of work")
            : number is >= 0 and <= LargestNumber ? number
            : throw Invalid(place, $"\"{key}\" of {Number(number)}", "a number that is not negative");

        double Positive(string key) => Needed(key) is > 0 and var number ? number : throw Invalid(place, $"\"{key}\" of 0", "more than 0");
    }

    /// <summary>True for a name that the headers of emitted files may repeat: letters, digits, dots, underscores and hyphens.</summary>
    public static bool IsName(string name) =>
        name.Length is > 0 and <= MostNameLetters
        && name.All(letter => letter is (>= 'a' and <= 'z') or (>= 'A' and <= 'Z') or (>= '0' and <= '9') or '.' or '_' or '-');

    private static SubpException Invalid(string place, string found, string expected) =>
        new(DiagnosticDescriptors.InvalidCompileOption, place, found, expected, "Write the file with subp calibrate.");

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    private static string Quoted(string text) => "\"" + text.Replace("\\", "\\\\").Replace("\"", "\\\"") + "\"";

    /// <summary>Reads objects of words and numbers; those of inner objects have the name of these in front.</summary>
    private sealed class Reader(string text, string place)
    {
        private const int MostDepth = 4;
        private readonly Dictionary<string, string> _words = new(StringComparer.Ordinal);
        private readonly Dictionary<string, double> _numbers = new(StringComparer.Ordinal);
        private int _next;

        public (Dictionary<string, string> Words, Dictionary<string, double> Numbers) Read()
        {
            ReadObject("", depth: 0);
            SkipSpace();
            return _next == text.Length ? (_words, _numbers) : throw Unexpected("the end");
        }

        private void ReadObject(string prefix, int depth)
        {
            if (depth == MostDepth)
                throw Unexpected("fewer objects in objects");
            Take('{');
            if (Next() == '}')
            {
                Take('}');
                return;
            }

            while (true)
            {
                var key = prefix + ReadWord();
                Take(':');
                switch (Next())
                {
                    case '{':
                        ReadObject(key + ".", depth + 1);
                        break;
                    case '"':
                        _words[key] = ReadWord();
                        break;
                    default:
                        _numbers[key] = ReadNumber();
                        break;
                }

                if (Next() == '}')
                {
                    Take('}');
                    return;
                }

                Take(',');
            }
        }

        private string ReadWord()
        {
            Take('"');
            var word = new StringBuilder();
            while (_next < text.Length && text[_next] != '"')
            {
                if (text[_next] == '\\')
                    _next++;
                if (_next < text.Length)
                    word.Append(text[_next++]);
            }

            Take('"');
            return word.ToString();
        }

        private double ReadNumber()
        {
            var start = _next;
            while (_next < text.Length && (char.IsDigit(text[_next]) || "+-.eE".IndexOf(text[_next]) >= 0))
                _next++;
            return double.TryParse(text.Substring(start, _next - start), NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
                ? number
                : throw Unexpected("a number, a word or an object");
        }

        private char Next()
        {
            SkipSpace();
            return _next < text.Length ? text[_next] : '\0';
        }

        private void SkipSpace()
        {
            while (_next < text.Length && char.IsWhiteSpace(text[_next]))
                _next++;
        }

        private void Take(char expected)
        {
            if (Next() != expected)
                throw Unexpected($"'{expected}'");
            _next++;
        }

        private SubpException Unexpected(string expected)
        {
            var line = text.Take(Math.Min(_next, text.Length)).Count(letter => letter == '\n') + 1;
            var found = _next < text.Length ? $"'{text[_next]}'" : "the end of the text";
            return Invalid(InvariantText.Invariant($"{place}({line})"), found, expected);
        }
    }
}
