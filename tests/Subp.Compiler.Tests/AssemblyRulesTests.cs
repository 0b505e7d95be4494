using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using Subp.Core.Graphs;
using Xunit;

namespace Subp.Compiler.Tests;

public sealed class AssemblyRulesTests
{
    private static readonly Assembly s_core = typeof(Graph).Assembly;
    private static readonly Assembly s_compiler = typeof(PassPipeline).Assembly;

    [Fact]
    public void Core_references_nothing_but_the_base_library() =>
        Assert.All(References(s_core), name => Assert.StartsWith("System.", name, StringComparison.Ordinal));

    [Fact]
    public void The_compiler_references_nothing_but_core_and_the_base_library() =>
        Assert.All(
            References(s_compiler),
            name => Assert.True(name == "Subp.Core" || name.StartsWith("System.", StringComparison.Ordinal), name)
        );

    [Fact]
    public void Neither_reads_files_clocks_chance_or_the_machine()
    {
        string[] forbidden =
        [
            "System.IO.File",
            "System.IO.FileStream",
            "System.IO.Directory",
            "System.IO.Path",
            "System.DateTime",
            "System.DateTimeOffset",
            "System.Diagnostics.Stopwatch",
            "System.Random",
            "System.Guid",
            "System.TimeProvider",
            "System.Diagnostics.Process",
            "System.Console",
        ];
        foreach (var assembly in new[] { s_core, s_compiler })
        {
            using var reader = new PEReader(File.OpenRead(assembly.Location));
            var metadata = reader.GetMetadataReader();
            var used = metadata
                .TypeReferences.Select(metadata.GetTypeReference)
                .Select(type => $"{metadata.GetString(type.Namespace)}.{metadata.GetString(type.Name)}")
                .ToArray();
            Assert.Contains("System.Object", used);
            Assert.Empty(used.Intersect(forbidden));
            // Iterators ask for the thread they run on; nothing else may be asked of the machine.
            var asked = metadata
                .MemberReferences.Select(metadata.GetMemberReference)
                .Where(member =>
                    member.Parent.Kind == HandleKind.TypeReference
                    && metadata.GetString(metadata.GetTypeReference((TypeReferenceHandle)member.Parent).Name) == "Environment"
                );
            Assert.All(asked, member => Assert.Equal("get_CurrentManagedThreadId", metadata.GetString(member.Name)));
        }
    }

    private static IEnumerable<string> References(Assembly assembly) => assembly.GetReferencedAssemblies().Select(name => name.Name!);
}
