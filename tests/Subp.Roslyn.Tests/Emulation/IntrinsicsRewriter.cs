using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Subp.Roslyn.Tests.Emulation;

/// <summary>
/// Replaces the classes of intrinsics in emitted C#. However a class is named, in full, behind an alias or by itself, its name comes last,
/// and that is what is looked at; a bare name that the emitted code gives a type of its own is that type.
/// </summary>
internal sealed class IntrinsicsRewriter : CSharpSyntaxRewriter
{
    private readonly string _target;
    private readonly HashSet<string> _replaced;
    private readonly HashSet<string> _declared;

    /// <summary>Creates a rewriter.</summary>
    /// <param name="target">The namespace of the classes that take the places.</param>
    /// <param name="replaced">The names of the classes.</param>
    /// <param name="files">All files of the model, which say what types it declares.</param>
    public IntrinsicsRewriter(string target, HashSet<string> replaced, IEnumerable<SyntaxNode> files)
    {
        _target = target;
        _replaced = replaced;
        _declared =
        [
            .. files.SelectMany(file => file.DescendantNodes().OfType<BaseTypeDeclarationSyntax>()).Select(type => type.Identifier.Text),
        ];
    }

    public override SyntaxNode? VisitMemberAccessExpression(MemberAccessExpressionSyntax node) =>
        IsReplaced(node.Expression, out var name)
            ? node.WithExpression(SyntaxFactory.ParseExpression($"global::{_target}.{name}").WithTriviaFrom(node.Expression))
            : base.VisitMemberAccessExpression(node);

    public override SyntaxNode? VisitUsingDirective(UsingDirectiveSyntax node) =>
        IsReplaced(node.NamespaceOrType, out var name)
            ? node.WithNamespaceOrType(SyntaxFactory.ParseName($"global::{_target}.{name}").WithTriviaFrom(node.NamespaceOrType))
            : base.VisitUsingDirective(node);

    private bool IsReplaced(SyntaxNode type, out string name)
    {
        name = type switch
        {
            MemberAccessExpressionSyntax access => access.Name.Identifier.Text,
            QualifiedNameSyntax qualified => qualified.Right.Identifier.Text,
            AliasQualifiedNameSyntax aliased => aliased.Name.Identifier.Text,
            IdentifierNameSyntax bare when !_declared.Contains(bare.Identifier.Text) => bare.Identifier.Text,
            _ => "",
        };
        return _replaced.Contains(name);
    }
}
