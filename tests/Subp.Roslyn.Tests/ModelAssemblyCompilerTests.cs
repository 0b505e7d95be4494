using System.Globalization;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Text;
using System.Xml.Linq;
using Subp.Compiler.Emission;
using Subp.Core.Diagnostics;
using Subp.Roslyn.Tests.Models;
using Xunit;

namespace Subp.Roslyn.Tests;

public sealed class ModelAssemblyCompilerTests
{
    private static readonly CompiledAssembly s_compiled = HandWrittenModel.Compile();

    [Theory]
    [InlineData("en-US")]
    [InlineData("tr-TR")]
    [InlineData("fi-FI")]
    public void The_same_bytes_come_out_in_every_culture(string culture)
    {
        var before = CultureInfo.CurrentCulture;
        var beforeInterface = CultureInfo.CurrentUICulture;
        try
        {
            CultureInfo.CurrentCulture = CultureInfo.CurrentUICulture = new CultureInfo(culture);
            var again = HandWrittenModel.Compile();
            Assert.Equal(s_compiled.Assembly, again.Assembly);
            Assert.Equal(s_compiled.Pdb, again.Pdb);
            Assert.Equal(s_compiled.XmlDocumentation, again.XmlDocumentation);
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
            CultureInfo.CurrentUICulture = beforeInterface;
        }
    }

    [Fact]
    public void The_assembly_references_the_base_class_library_only()
    {
        using var image = new PEReader(new MemoryStream(s_compiled.Assembly));
        var metadata = image.GetMetadataReader();
        var references = metadata
            .AssemblyReferences.Select(handle => metadata.GetString(metadata.GetAssemblyReference(handle).Name))
            .ToArray();
        Assert.Contains("System.Runtime", references);
        Assert.All(references, name => Assert.StartsWith("System.", name, StringComparison.Ordinal));
        Assert.DoesNotContain("System.Private.CoreLib", references);
    }

    [Fact]
    public void The_weights_are_embedded_as_they_are()
    {
        using var image = new PEReader(new MemoryStream(s_compiled.Assembly));
        var metadata = image.GetMetadataReader();
        var resource = metadata.GetManifestResource(metadata.ManifestResources.Single());
        Assert.Equal(HandWrittenModel.ResourceName, metadata.GetString(resource.Name));
        var directory = image.PEHeaders.CorHeader!.ResourcesDirectory.RelativeVirtualAddress;
        var data = image.GetSectionData(directory + (int)resource.Offset).GetReader();
        Assert.Equal(HandWrittenModel.Weights, data.ReadBytes(data.ReadInt32()));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(20)]
    public void The_weights_start_at_a_cache_line_whatever_the_length_of_the_code(int methods)
    {
        var code = string.Concat(Enumerable.Range(0, methods).Select(index => $"public static int Padding{index}() => {index};"));
        var compiled = HandWrittenModel.Compile(HandWrittenModel.CopyKernels + code, 1);
        Assert.Equal(0, compiled.Assembly.AsSpan().IndexOf(HandWrittenModel.Weights) % 64);
        using var model = LoadedModel.Load(compiled);
        using var session = model.CreateSession(1);
        SessionTests.AssertCopies(session, seed: 1);
    }

    [Fact]
    public void The_symbols_hold_the_sources_under_their_file_names()
    {
        using var provider = MetadataReaderProvider.FromPortablePdbStream(new MemoryStream(s_compiled.Pdb));
        var symbols = provider.GetMetadataReader();
        var names = symbols.Documents.Select(handle => symbols.GetString(symbols.GetDocument(handle).Name)).ToArray();
        Assert.All(HandWrittenModel.Sources(HandWrittenModel.Plan(1, 2)), file => Assert.Contains(file.Name, names));
        var embeddedSource = new Guid("0E8A571B-6926-466E-B4AD-8AB04611F5FE");
        Assert.All(
            symbols.Documents,
            handle =>
                Assert.Contains(
                    symbols.GetCustomDebugInformation(handle),
                    information => symbols.GetGuid(symbols.GetCustomDebugInformation(information).Kind) == embeddedSource
                )
        );
    }

    [Fact]
    public void No_path_of_this_machine_is_in_the_output()
    {
        foreach (var bytes in new[] { s_compiled.Assembly, s_compiled.Pdb, s_compiled.XmlDocumentation })
        {
            foreach (var path in new[] { AppContext.BaseDirectory, Environment.CurrentDirectory, typeof(object).Assembly.Location })
                Assert.Equal(-1, bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(Path.TrimEndingDirectorySeparator(path))));
        }
    }

    [Fact]
    public void The_documentation_describes_the_public_members()
    {
        var members = XDocument
            .Load(new MemoryStream(s_compiled.XmlDocumentation))
            .Descendants("member")
            .Select(member => (string)member.Attribute("name")!)
            .ToArray();
        Assert.Contains("T:Hand.Written.TestModel", members);
        Assert.Contains("P:Hand.Written.TestModel.Instance", members);
        Assert.Contains(members, name => name.StartsWith("M:Hand.Written.TestModel.Session.Run(", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1, 2, 4)]
    public void Emitted_files_compile_without_a_warning_and_every_public_member_is_documented(params int[] threadCounts)
    {
        var sources = HandWrittenModel.Sources(HandWrittenModel.Plan(threadCounts));
        Assert.Empty(ModelAssemblyCompiler.Warnings(sources, "TestModel", HandWrittenModel.ResourceName));
        EmittedFile[] withUndocumented = [.. sources, new("Extra.cs", "public class Undocumented;")];
        Assert.Contains(
            "CS1591",
            Assert.Single(ModelAssemblyCompiler.Warnings(withUndocumented, "TestModel", HandWrittenModel.ResourceName)),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Code_that_does_not_compile_is_answered_with_the_first_errors()
    {
        EmittedFile[] sources =
        [
            new("Broken.cs", "class Broken { int Missing() => " + string.Concat(Enumerable.Repeat("nothing + ", 8)) + "0; }"),
        ];
        var error = Assert.Throws<SubpException>(() => ModelAssemblyCompiler.Compile(sources, [], "Broken", "Broken.safetensors"));
        Assert.Equal("SUBP0611", error.Diagnostic.Descriptor.Id);
        Assert.Contains("Broken.cs(1,33): error CS0103", error.Message, StringComparison.Ordinal);
        Assert.Contains("and 3 more", error.Message, StringComparison.Ordinal);
    }
}
