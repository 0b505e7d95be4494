using System.Text;

namespace Subp.Compiler.Planning;

/// <summary>C# names from names of networks and nodes. Deterministic; uniqueness comes from the layer number in front.</summary>
public static class Naming
{
    /// <summary>
    /// The PascalCase form of a name: <c>stage1.0.conv1</c> becomes <c>Stage10Conv1</c>. Empty where no letter or digit is left.
    /// </summary>
    public static string Pascal(string name)
    {
        var text = new StringBuilder();
        var upper = true;
        foreach (var character in name)
        {
            if (character is (>= 'a' and <= 'z') or (>= 'A' and <= 'Z') or (>= '0' and <= '9'))
            {
                text.Append(upper ? char.ToUpperInvariant(character) : character);
                upper = false;
            }
            else
            {
                upper = true;
            }
        }

        return text.ToString();
    }

    /// <summary>The class name of a network: its Pascal form, with a letter in front where it would start with a digit.</summary>
    public static string ClassName(string model)
    {
        var name = Pascal(model);
        return name.Length == 0 ? "Model"
            : char.IsDigit(name[0]) ? "Model" + name
            : name;
    }

    /// <summary>The stem of file and method names of a layer: <c>Layer03_Stage10Conv1</c>.</summary>
    public static string MethodStem(int index, string node) => FormattableString.Invariant($"Layer{index:00}_{Pascal(node)}");
}
