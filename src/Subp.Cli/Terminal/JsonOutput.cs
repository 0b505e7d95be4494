using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Subp.Cli.Terminal;

/// <summary>The one JSON object that <c>--json</c> prints.</summary>
internal static class JsonOutput
{
    /// <summary>Raised when a property is renamed, removed or changes its meaning; new properties do not raise it.</summary>
    public const int SchemaVersion = 1;

    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    /// <summary>Writes <c>schemaVersion</c> and <c>command</c>, then the properties of <paramref name="result"/>.</summary>
    public static void Write(TextWriter writer, string command, object result)
    {
        var body = JsonSerializer.SerializeToNode(result, Options)!.AsObject();
        body.Insert(0, "schemaVersion", SchemaVersion);
        body.Insert(1, "command", command);
        writer.WriteLine(body.ToJsonString(Options));
    }
}
