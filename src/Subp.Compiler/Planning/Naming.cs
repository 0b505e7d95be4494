using System.Globalization;
using System.Text;

namespace Subp.Compiler.Planning;

/// <summary>C# names from names of networks and nodes. Deterministic; uniqueness comes from the layer number in front.</summary>
public static class Naming
{
    // A file is named after the class and the layer, and file systems allow 255 bytes, of which a letter takes up to three.
    private const int LongestName = 50;

    /// <summary>
    /// The PascalCase form of a name: <c>stage1.0.conv1</c> becomes <c>Stage10Conv1</c>. Empty where no letter or digit of ASCII is left;
    /// a long name is cut.
    /// </summary>
    public static string Pascal(string name) => Pascal(name, IsAscii);

    /// <summary>
    /// The class name of a network or of a file: its Pascal form, in which letters of every script stay, with a word in front where it
    /// would start with a digit or be the name of one of the members of the class.
    /// </summary>
    public static string ClassName(string model)
    {
        var name = Pascal(model, IsPartOfIdentifier);
        return name.Length == 0 ? "Model"
            : char.IsDigit(name[0]) || MemberNames.Contains(name) ? "Model" + name
            : name;
    }

    /// <summary>The stem of file and method names of a layer: <c>Layer03_Stage10Conv1</c>.</summary>
    public static string MethodStem(int index, string node) => FormattableString.Invariant($"Layer{index:00}_{Pascal(node)}");

    private static string Pascal(string name, Func<char, bool> isPart)
    {
        var text = new StringBuilder();
        var upper = true;
        foreach (var character in name)
        {
            // A mark belongs to the letter before it.
            if (!isPart(character) || (upper && IsMark(character)))
            {
                upper = true;
            }
            else if (text.Length < LongestName)
            {
                text.Append(upper ? char.ToUpperInvariant(character) : character);
                upper = false;
            }
        }

        return text.ToString();
    }

    private static bool IsAscii(char character) => character is (>= 'a' and <= 'z') or (>= 'A' and <= 'Z') or (>= '0' and <= '9');

    private static bool IsPartOfIdentifier(char character) => char.IsLetterOrDigit(character) || IsMark(character);

    private static bool IsMark(char character) =>
        char.GetUnicodeCategory(character) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;
}
